using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Calendars;
using PmBot.Meetings;
using PmBot.People;
using PmBot.Requests;
using PmBot.Rotations;
using PmBot.Scheduling;

namespace PmBot.Tests;

/// <summary>Who may know whom. Read from the compiled program, method bodies included, so that no using or alias hides a reference.</summary>
[TestFixture]
public sealed class ArchitectureTests
{
    /// <summary>The pure domain: it computes, and knows nothing of how it is asked, stored or woken.</summary>
    private static readonly Type[] Domain =
    [
        typeof(HandoffSchedule), typeof(NoticeTime), typeof(RotationOrder), typeof(Tenure), typeof(Member), typeof(Absence), typeof(ShiftReason),
        typeof(Shift), typeof(Stint), typeof(PastShift), typeof(CurrentShift), typeof(MessageRef), typeof(Assignment), typeof(HandoffNote),
        typeof(Rotation), typeof(Handover),
        typeof(RequestState), typeof(Refusal), typeof(RequestStep), typeof(Person), typeof(Detail), typeof(Discussion), typeof(Ending), typeof(Card), typeof(SourcePost),
        typeof(CustomerRequest), typeof(Area), typeof(AbsentOwner), typeof(Candidate), typeof(Fit), typeof(AreaIndex), typeof(AssignmentPolicy), typeof(DecisionValue),
        typeof(WeeklyTime), typeof(Weekly), typeof(RequestBook), typeof(CalendarEvent), typeof(CalendarLines), typeof(CalendarWriter),
        typeof(Recurrence), typeof(MeetingKind), typeof(Occurrence), typeof(Ahead), typeof(Cancellation), typeof(MeetingPlan),
        typeof(ItemOutcome), typeof(AgendaPost), typeof(AgendaItem), typeof(ItemNumber), typeof(ReleaseUpdate), typeof(StopKind), typeof(Stop), typeof(AgendaParts),
        typeof(Session), typeof(AgendaRefusal), typeof(AgendaStep), typeof(Progress), typeof(Meeting), typeof(RecordedItem), typeof(MeetingRecord),
        typeof(StepOrigin), typeof(StepUpdate), typeof(ActionStep), typeof(AgendaBook),
    ];

    private static readonly string[] Outside =
    [
        "Microsoft.", "Quartz", "Dapper", "SQLitePCL", "Polly", "System.Data", "System.Net", "System.IO", "System.Threading.Tasks",
        "PmBot.Mattermost", "PmBot.Delivery", "PmBot.Hosting", "PmBot.Workspaces",
    ];

    [TestCaseSource(nameof(Domain))]
    public void The_domain_computes_and_knows_nothing_of_the_world(Type type)
    {
        var known = Referenced(t => t == type.FullName || t.StartsWith(type.FullName + "/", StringComparison.Ordinal));
        Assert.That(known, Is.Not.Empty);
        Assert.That(known.Where(r => Outside.Any(o => r.To.StartsWith(o, StringComparison.Ordinal)) && !IsCompilers(r.To)), Is.Empty);
        Assert.That(known.Where(r => r.To.StartsWith("PmBot.Storage.", StringComparison.Ordinal)), Has.All.Property("To").EqualTo("PmBot.Storage.Aggregate"));
    }

    [Test]
    public void The_domain_is_all_that_the_domain_s_files_hold()
    {
        string[] files =
        [
            "Rotations/HandoffSchedule.cs", "Rotations/Roster.cs", "Rotations/Shift.cs", "Rotations/Rotation.cs", "Requests/CustomerRequest.cs", "Requests/Area.cs",
            "Requests/AssignmentPolicy.cs", "Requests/DecisionValue.cs", "Requests/RequestBook.cs", "People/Person.cs",
            "Scheduling/WeeklyTime.cs", "Meetings/Recurrence.cs", "Meetings/MeetingPlan.cs", "Agenda/AgendaItem.cs", "Agenda/Session.cs", "Agenda/Meeting.cs",
            "Agenda/MeetingRecord.cs", "Agenda/ActionStep.cs", "Agenda/AgendaBook.cs", "Calendars/CalendarEvent.cs", "Calendars/CalendarLines.cs", "Calendars/CalendarWriter.cs",
        ];
        var declared = files
            .SelectMany(f => File.ReadLines(Path.Combine(Source, "PmBot", f)))
            .Where(l => l.StartsWith("public ", StringComparison.Ordinal) || l.StartsWith("internal ", StringComparison.Ordinal))
            .Select(l => l.Split(' ', '(', ';', ':').Where(w => w.Length > 0 && char.IsAsciiLetterUpper(w[0])).First());
        Assert.That(declared, Is.EquivalentTo(Domain.Select(t => t.Name)));
    }

    // OwnHealth speaks to the bot itself. The export of telemetry chooses the exporter's own client; it sends nothing itself.
    private static readonly string[] SpeakHttp = ["PmBot.Mattermost.", "PmBot.Hosting.OwnHealth", "PmBot.Hosting.TelemetryExport"];

    private static readonly string[] Engines = ["Microsoft.Data.Sqlite", "SQLitePCL", "Npgsql"];

    [Test]
    public void Only_the_Mattermost_part_speaks_HTTP_to_the_outside() =>
        Assert.That(
            Referenced(t => !SpeakHttp.Any(part => t.StartsWith(part, StringComparison.Ordinal))).Where(r => r.To.StartsWith("System.Net.Http", StringComparison.Ordinal)),
            Is.Empty);

    [Test]
    public void Only_storage_knows_its_engines() =>
        Assert.That(
            Referenced(t => !t.StartsWith("PmBot.Storage.", StringComparison.Ordinal)).Where(r => Engines.Any(e => r.To.StartsWith(e, StringComparison.Ordinal))), Is.Empty);

    [Test]
    public void The_source_says_so_too()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Source, "PmBot"), "*.cs", SearchOption.AllDirectories)
            .Select(f => (Path: Path.GetRelativePath(Path.Combine(Source, "PmBot"), f).Replace('\\', '/'), Text: File.ReadAllText(f)))
            .Where(f => !f.Path.StartsWith("obj/", StringComparison.Ordinal) && !f.Path.StartsWith("bin/", StringComparison.Ordinal))
            .ToList();
        Assert.That(files, Has.Count.AtLeast(50));
        Assert.That(Using("System.Net.Http"), Is.Not.Empty.And.All.StartsWith("Mattermost/"));
        Assert.That(Using("Microsoft.Data.Sqlite"), Is.Not.Empty.And.All.StartsWith("Storage/"));

        IEnumerable<string> Using(string name) => files.Where(f => f.Text.Contains($"using {name}", StringComparison.Ordinal)).Select(f => f.Path);
    }

    [Test]
    public void What_these_tests_look_for_they_can_find()
    {
        Assert.That(Referenced(t => t.StartsWith("PmBot.Mattermost.", StringComparison.Ordinal)).Select(r => r.To), Does.Contain("System.Net.Http.HttpClient"));
        Assert.That(Referenced(t => t.StartsWith("PmBot.Storage.", StringComparison.Ordinal)).Select(r => r.To), Does.Contain("Microsoft.Data.Sqlite.SqliteConnection").And.Contain("Npgsql.NpgsqlConnection"));
    }

    private static string Source { get; } = FindSource();

    // The compiler's own means of records, lambdas and local functions.
    private static bool IsCompilers(string type) => type.StartsWith("Microsoft.CodeAnalysis.", StringComparison.Ordinal);

    private static string FindSource([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "src"));

    /// <summary>Every type that the chosen types of the program name: in their bases, fields, signatures and method bodies.</summary>
    private static HashSet<Reference> Referenced(Func<string, bool> chosen)
    {
        using var stream = File.OpenRead(typeof(Rotation).Assembly.Location);
        using var file = new PEReader(stream);
        var reader = file.GetMetadataReader();
        var names = new TypeNames();
        var found = new HashSet<Reference>();
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            var name = names.GetTypeFromDefinition(reader, handle, 0);
            if (!chosen(name))
            {
                continue;
            }

            names.Seen.Clear();
            names.Read(reader, type.BaseType);
            foreach (var one in type.GetInterfaceImplementations())
            {
                names.Read(reader, reader.GetInterfaceImplementation(one).Interface);
            }

            foreach (var field in type.GetFields())
            {
                reader.GetFieldDefinition(field).DecodeSignature(names, null);
            }

            foreach (var methodHandle in type.GetMethods())
            {
                var method = reader.GetMethodDefinition(methodHandle);
                method.DecodeSignature(names, null);
                if (method.RelativeVirtualAddress != 0)
                {
                    ReadBody(reader, file.GetMethodBody(method.RelativeVirtualAddress), names);
                }
            }

            found.UnionWith(names.Seen.Where(to => to != name).Select(to => new Reference(name, to)));
        }

        return found;
    }

    private static void ReadBody(MetadataReader reader, MethodBodyBlock body, TypeNames names)
    {
        if (!body.LocalSignature.IsNil)
        {
            reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(names, null);
        }

        var il = body.GetILReader();
        while (il.RemainingBytes > 0)
        {
            int code = il.ReadByte();
            code = code == 0xFE ? 0xFE00 | il.ReadByte() : code;
            switch (OpCodes[code].OperandType)
            {
                case System.Reflection.Emit.OperandType.InlineNone:
                    break;
                case System.Reflection.Emit.OperandType.ShortInlineBrTarget or System.Reflection.Emit.OperandType.ShortInlineI
                    or System.Reflection.Emit.OperandType.ShortInlineVar:
                    il.Offset += 1;
                    break;
                case System.Reflection.Emit.OperandType.InlineVar:
                    il.Offset += 2;
                    break;
                case System.Reflection.Emit.OperandType.InlineI8 or System.Reflection.Emit.OperandType.InlineR:
                    il.Offset += 8;
                    break;
                case System.Reflection.Emit.OperandType.InlineSwitch:
                    var targets = il.ReadInt32();
                    il.Offset += 4 * targets;
                    break;
                case System.Reflection.Emit.OperandType.InlineMethod or System.Reflection.Emit.OperandType.InlineField
                    or System.Reflection.Emit.OperandType.InlineType or System.Reflection.Emit.OperandType.InlineTok:
                    names.Read(reader, (EntityHandle)System.Reflection.Metadata.Ecma335.MetadataTokens.Handle(il.ReadInt32()));
                    break;
                default:
                    il.Offset += 4;
                    break;
            }
        }
    }

    private static readonly Dictionary<int, System.Reflection.Emit.OpCode> OpCodes = typeof(System.Reflection.Emit.OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (System.Reflection.Emit.OpCode)f.GetValue(null)!)
        .ToDictionary(o => o.Value & 0xFFFF);

    private sealed record Reference(string From, string To);

    /// <summary>Writes down the name of every type that a signature or a token leads to.</summary>
    private sealed class TypeNames : ISignatureTypeProvider<string, object?>
    {
        public HashSet<string> Seen { get; } = new(StringComparer.Ordinal);

        public void Read(MetadataReader reader, EntityHandle handle)
        {
            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition when !handle.IsNil:
                    GetTypeFromDefinition(reader, (TypeDefinitionHandle)handle, 0);
                    break;
                case HandleKind.TypeReference when !handle.IsNil:
                    GetTypeFromReference(reader, (TypeReferenceHandle)handle, 0);
                    break;
                case HandleKind.TypeSpecification:
                    reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                    break;
                case HandleKind.MethodSpecification:
                    var generic = reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                    generic.DecodeSignature(this, null);
                    Read(reader, generic.Method);
                    break;
                case HandleKind.MemberReference:
                    var member = reader.GetMemberReference((MemberReferenceHandle)handle);
                    Read(reader, member.Parent);
                    if (member.GetKind() == MemberReferenceKind.Field)
                    {
                        member.DecodeFieldSignature(this, null);
                    }
                    else
                    {
                        member.DecodeMethodSignature(this, null);
                    }

                    break;
                case HandleKind.MethodDefinition:
                    var method = reader.GetMethodDefinition((MethodDefinitionHandle)handle);
                    GetTypeFromDefinition(reader, method.GetDeclaringType(), 0);
                    method.DecodeSignature(this, null);
                    break;
                case HandleKind.FieldDefinition:
                    var field = reader.GetFieldDefinition((FieldDefinitionHandle)handle);
                    GetTypeFromDefinition(reader, field.GetDeclaringType(), 0);
                    field.DecodeSignature(this, null);
                    break;
            }
        }

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeDefinition(handle);
            var name = reader.GetString(type.Name);
            var outer = type.GetDeclaringType();
            return See(!outer.IsNil ? $"{GetTypeFromDefinition(reader, outer, 0)}/{name}" : Full(reader.GetString(type.Namespace), name));
        }

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeReference(handle);
            var name = reader.GetString(type.Name);
            return See(type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0)}/{name}"
                : Full(reader.GetString(type.Namespace), name));
        }

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetArrayType(string elementType, ArrayShape shape) => elementType;

        public string GetByReferenceType(string elementType) => elementType;

        public string GetFunctionPointerType(MethodSignature<string> signature) => signature.ReturnType;

        public string GetGenericInstantiation(string genericType, System.Collections.Immutable.ImmutableArray<string> typeArguments) => genericType;

        public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => elementType;

        public string GetPointerType(string elementType) => elementType;

        public string GetSZArrayType(string elementType) => elementType;

        private static string Full(string ns, string name) => ns.Length == 0 ? name : $"{ns}.{name}";

        private string See(string name)
        {
            Seen.Add(name);
            return name;
        }
    }
}
