import { cold, hot, only, parts } from './rows.ts'
import {
  duration,
  flag,
  oneOf,
  optionalDuration,
  optionalInteger,
  type Shape,
  type Struct,
  struct,
  text,
  texts,
} from './shape.ts'

const open = { open: true }

const bindOwner = oneOf(
  'BindOwnerChoice',
  'Whose files binds have: those of who runs the command, or of the ids that the container has.',
  'caller',
  'container',
)

/** Of a service, and of a project for those of its services that say nothing. */
export const PUBLISH_CHOICE: Shape = oneOf(
  'PublishChoice',
  'Who reaches published ports: whoever reaches the machine, past its INPUT rules; those whom these let through; or the machine alone.',
  'all',
  'proxy',
  'loopback',
)

const probe = struct(
  'ProbeRequest',
  '`services.*.x-tscompose.probe`: a health check by the engine, as written; `readProbe` says what it means.',
  ['tcp', text, hot('Healthcheck.Test', open)],
  ['http', text, hot('Healthcheck.Test')],
  ['unix', text, hot('Healthcheck.Test', open)],
  ['log', text, hot('Healthcheck.Test')],
  ['interval', optionalDuration, hot('Healthcheck.Interval', open)],
  ['timeout', optionalDuration, hot('Healthcheck.Timeout', open)],
  ['retries', optionalInteger, hot('Healthcheck.Retries', open)],
  ['start_period', optionalDuration, hot('Healthcheck.StartPeriod', open)],
  ['start_interval', optionalDuration, hot('Healthcheck.StartInterval', open)],
)

const sleep = struct(
  'SleepRequest',
  '`services.*.x-tscompose.sleep`: when a service to which nobody comes sleeps; `10m` is that for both.',
  ['freeze', duration, hot('HostConfig.TscomposeSleep', { ...open, required: true })],
  ['stop', optionalDuration, hot('HostConfig.TscomposeSleep', open)],
)

/** `services.*.x-tscompose`: what this engine does beyond Compose. Other tools pass over it. */
export const SERVICE_EXTENSION: Struct = struct(
  'ServiceExtension',
  '`services.*.x-tscompose`: what this engine does for a service beyond Compose.',
  ['bind_owner', bindOwner, cold('HostConfig.TscomposeBindOwner', open)],
  ['egress', texts, hot('HostConfig.TscomposeEgress', open)],
  ['on_change', text, only('planner')],
  ['host_access', flag, cold('HostConfig.TscomposeHostAccess', open)],
  ['probe', probe, parts()],
  ['publish', PUBLISH_CHOICE, cold('HostConfig.TscomposePublish', open)],
  ['restart_unhealthy', flag, hot('HostConfig.RestartPolicy', open)],
  ['run_once', flag, only('planner')],
  ['sleep', sleep, parts()],
)
