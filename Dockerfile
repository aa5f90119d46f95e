# syntax=docker/dockerfile:1
# The bot as an image: chiseled, so without a shell or a package manager, run by nobody's root, on a read-only root file system.
# State is in /data and nowhere else. docs/deploying.md says how to run it; deploy/image runs its steps where there is no Docker.

# Built on the machine's own architecture for the one that is asked for.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
ARG TARGETARCH
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
WORKDIR /src

# What decides the packages comes first: they are fetched anew only when it changes. Locked: what was not reviewed is not restored.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/PmBot/PmBot.csproj src/PmBot/packages.lock.json src/PmBot/
RUN dotnet restore src/PmBot/PmBot.csproj --locked-mode -a $TARGETARCH

# The analyzers and the format have had their say before a merge.
COPY BannedSymbols.txt appsettings.json ./
COPY src/PmBot/ src/PmBot/
RUN dotnet publish src/PmBot/PmBot.csproj --no-restore -c Release -a $TARGETARCH --no-self-contained -p:PublishDocumentationFile=false -p:RunAnalyzers=false -o /app

# The image has no shell to make folders with. A new volume takes its owner from them.
RUN mkdir -p /state/data /state/config

# "extra" has ICU and time-zone data. Names are sorted by ICU, so the image without it (invariant globalization) is not for us.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra
LABEL org.opencontainers.image.title="PmBot" \
      org.opencontainers.image.description="Runs a Product Management team's week in Mattermost" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /app /app
COPY --from=build --chown=$APP_UID:$APP_UID /state/data /data
COPY --from=build --chown=$APP_UID:$APP_UID /state/config /config

# Diagnostics off: the runtime would open a socket in /tmp through which any process of the same user reads its memory, tokens included.
ENV ASPNETCORE_HTTP_PORTS=8080 \
    DOTNET_EnableDiagnostics=0 \
    TMPDIR=/tmp \
    Storage__ConnectionString="Data Source=/data/pmbot.db"
USER $APP_UID
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=15s --start-period=30s --retries=3 CMD ["/app/pmbot", "health"]
ENTRYPOINT ["/app/pmbot"]
CMD ["run"]
