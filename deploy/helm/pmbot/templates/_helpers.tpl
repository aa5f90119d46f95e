{{- define "pmbot.name" -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "pmbot.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "pmbot.labels" -}}
{{ include "pmbot.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "pmbot.address" -}}
http://{{ include "pmbot.name" . }}.{{ .Release.Namespace }}.svc.cluster.local:{{ .Values.service.port }}
{{- end }}

{{/* Whether the pod has a volume of its own; empty if not. */}}
{{- define "pmbot.volume" -}}
{{- if or (eq .Values.storage.provider "Sqlite") (eq .Values.settings.source "volume") }}yes{{ end }}
{{- end }}

{{- define "pmbot.settingsFile" -}}
{{- if eq .Values.settings.source "volume" }}/data/settings.json{{ else }}/config/settings.json{{ end }}
{{- end }}

{{- define "pmbot.settingsSecret" -}}
{{- if eq .Values.settings.source "secret" }}{{ .Values.settings.existingSecret }}{{ else }}{{ include "pmbot.name" . }}{{ end }}
{{- end }}

{{/* What no schema says: values that contradict each other. Included by the StatefulSet, so nothing is rendered without it. */}}
{{- define "pmbot.check" -}}
{{- if and (gt (int .Values.replicas) 1) (eq .Values.storage.provider "Sqlite") }}
{{- fail (printf "replicas is %d, but a Sqlite database has one bot. Set replicas to 1, or storage.provider to Postgres." (int .Values.replicas)) }}
{{- end }}
{{- if and (gt (int .Values.replicas) 1) (eq .Values.settings.source "volume") }}
{{- fail (printf "replicas is %d, but each pod has a volume of its own, and provision would fill one of them. Set settings.source to secret or values." (int .Values.replicas)) }}
{{- end }}
{{- if and (eq .Values.storage.provider "Postgres") (not .Values.storage.existingSecret) }}
{{- fail "storage.existingSecret is not set. Set it to the name of a Secret with the key connectionString, PostgreSQL's." }}
{{- end }}
{{- if and (eq .Values.storage.provider "Sqlite") .Values.storage.existingSecret }}
{{- fail "storage.existingSecret is of no use with Sqlite. Take it out, or set storage.provider to Postgres." }}
{{- end }}
{{- if and (eq .Values.settings.source "values") (empty .Values.settings.values) }}
{{- fail "settings.values is empty. Give the bot's settings there, or set settings.source to secret (with settings.existingSecret) or to volume (with provision)." }}
{{- end }}
{{- if and (eq .Values.settings.source "secret") (not .Values.settings.existingSecret) }}
{{- fail "settings.source is secret, but settings.existingSecret is not set. Set it to the name of a Secret with the key settings.json." }}
{{- end }}
{{- if and (ne .Values.settings.source "values") (not (empty .Values.settings.values)) }}
{{- fail (printf "settings.source is %s, so settings.values would not be read. Take them out, or set settings.source to values." .Values.settings.source) }}
{{- end }}
{{- if .Values.provision.enabled }}
{{- if ne .Values.settings.source "volume" }}
{{- fail "provision writes the settings file to the volume. Set settings.source to volume, or provision.enabled to false." }}
{{- end }}
{{- range $name := list "existingSecret" "url" "team" }}
{{- if not (index $.Values.provision $name) }}
{{- fail (printf "provision.%s is not set. provision needs existingSecret (a Secret with MATTERMOST_ADMIN_TOKEN), url and team." $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
{{- fail "ingress.host is not set. Set it to the host name under which people read calendars." }}
{{- end }}
{{- end }}

{{- define "pmbot.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}
