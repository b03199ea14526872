import { cold, coldBy, hot, inVain, only, parts } from './rows.ts'
import {
  bytes,
  duration,
  float,
  integer,
  listOf,
  optionalDuration,
  optionalInteger,
  type Struct,
  strings,
  struct,
  text,
  texts,
} from './shape.ts'

const CLUSTER = 'it needs a cluster'
const IN_PLACE = 'an update that fails leaves the containers that it has not replaced as they are'

/** `services.*.gpus[]` and `services.*.deploy.resources.reservations.devices[]` */
export const DEVICE_REQUEST: Struct = struct(
  'DeviceRequest',
  'A request for devices such as GPUs; `count` -1 means all.',
  ['capabilities', texts],
  ['driver', text],
  ['count', { type: 'count' }],
  ['device_ids', texts],
  ['options', strings],
)

const discreteResource = struct(
  'DiscreteResource',
  'A number of something that a machine has.',
  ['kind', text, { required: true, jsonDefault: '' }],
  ['value', integer, { required: true, jsonDefault: 0 }],
)

const genericResource = struct('GenericResource', 'A resource that a cluster knows by name.', [
  'discrete_resource_spec',
  discreteResource,
])

const limits = struct(
  'ResourceLimits',
  '`deploy.resources.limits`; they win over the limits of the service itself.',
  ['cpus', float, hot('HostConfig.NanoCpus')],
  ['memory', bytes, hot('HostConfig.Memory')],
  ['pids', integer, hot('HostConfig.PidsLimit')],
)

const reservations = struct(
  'ResourceReservations',
  '`deploy.resources.reservations`.',
  ['cpus', float, inVain(CLUSTER)],
  ['memory', bytes, hot('HostConfig.MemoryReservation')],
  ['devices', listOf(DEVICE_REQUEST), cold('HostConfig.DeviceRequests')],
  ['generic_resources', listOf(genericResource), inVain(CLUSTER)],
)

const resources = struct(
  'Resources',
  '`deploy.resources`.',
  ['limits', limits, parts()],
  ['reservations', reservations, parts()],
)

const update = struct(
  'UpdateConfig',
  '`deploy.update_config` and `deploy.rollback_config`.',
  ['parallelism', optionalInteger],
  ['delay', duration],
  ['failure_action', text],
  ['monitor', duration],
  ['max_failure_ratio', float],
  ['order', text],
)

const restartPolicy = struct(
  'RestartPolicy',
  '`deploy.restart_policy`; it wins over `restart`.',
  ['condition', text, hot('HostConfig.RestartPolicy')],
  ['delay', optionalDuration, inVain(CLUSTER)],
  ['max_attempts', optionalInteger, hot('HostConfig.RestartPolicy')],
  ['window', optionalDuration, inVain(CLUSTER)],
)

const preference = struct('PlacementPreference', 'What a cluster spreads containers over.', ['spread', text])

const placement = struct(
  'Placement',
  '`deploy.placement`.',
  ['constraints', texts],
  ['preferences', listOf(preference)],
  ['max_replicas_per_node', integer],
)

/** `services.*.deploy` */
export const DEPLOY: Struct = struct(
  'Deploy',
  '`services.*.deploy`: how many containers run, with which limits; most else needs a cluster.',
  ['mode', text, coldBy('cluster', { open: true })],
  ['replicas', optionalInteger, only('planner')],
  ['labels', strings, coldBy('cluster')],
  ['update_config', update, only('planner', { open: true })],
  ['rollback_config', update, only('planner', { open: true }, IN_PLACE)],
  ['resources', resources, parts({ open: true, jsonDefault: {}, yamlOmitsEmpty: true })],
  ['restart_policy', restartPolicy, parts({ open: true })],
  ['placement', placement, inVain(CLUSTER, { open: true, jsonDefault: {}, yamlOmitsEmpty: true })],
  ['endpoint_mode', text, inVain(CLUSTER, { open: true })],
)
