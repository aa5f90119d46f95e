using Microsoft.Extensions.Options;

namespace PmBot.Calendars;

/// <summary>The parts of this feature.</summary>
internal static class CalendarServices
{
    public static void AddCalendars(this IServiceCollection services)
    {
        services.AddSingleton<CalendarAddresses>();
        services.AddSingleton<CalendarFeed>();
        services.AddSingleton<IHttpContextFactory, DiscreetContexts>();
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, DiscreetLogging>();
    }
}
