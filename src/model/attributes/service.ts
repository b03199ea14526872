import { ATTACHMENT, PORT } from './attachments.ts'
import { BUILD, FILE_REFERENCE, ulimits } from './build.ts'
import { DEPLOY, DEVICE_REQUEST } from './deploy.ts'
import { SERVICE_EXTENSION } from './extension.ts'
import { HOOK, PRE_START, WATCH } from './hooks.ts'
import { KUBERNETES_SERVICE } from './kubernetes.ts'
import { MOUNT } from './mount.ts'
import { cold, coldBy, hot, inVain, only, parts, thing } from './rows.ts'
import {
  bytes,
  flag,
  float,
  integer,
  listOf,
  oneOf,
  optionalDuration,
  optionalInteger,
  recordOf,
  type Shape,
  type Struct,
  strings,
  struct,
  text,
  texts,
  triState,
  variables,
} from './shape.ts'

const weightDevice = struct(
  'WeightDevice',
  'Share of one block device.',
  ['path', text, { required: true, jsonName: 'Path', jsonDefault: '' }],
  ['weight', integer, { required: true, jsonName: 'Weight', jsonDefault: 0 }],
)

const deviceRate = struct(
  'DeviceRate',
  'Bytes or operations a second of one block device.',
  ['path', text, { required: true, jsonName: 'Path', jsonDefault: '' }],
  ['rate', bytes, { required: true, jsonName: 'Rate', jsonDefault: '0' }],
)

const blkio = struct(
  'BlkioConfig',
  '`services.*.blkio_config`.',
  ['weight', integer, hot('HostConfig.BlkioWeight')],
  ['weight_device', listOf(weightDevice), hot('HostConfig.BlkioWeightDevice')],
  ['device_read_bps', listOf(deviceRate), hot('HostConfig.BlkioDeviceReadBps')],
  ['device_read_iops', listOf(deviceRate), hot('HostConfig.BlkioDeviceReadIOps')],
  ['device_write_bps', listOf(deviceRate), hot('HostConfig.BlkioDeviceWriteBps')],
  ['device_write_iops', listOf(deviceRate), hot('HostConfig.BlkioDeviceWriteIOps')],
)

const healthcheck = struct(
  'HealthCheck',
  '`services.*.healthcheck`.',
  ['test', { type: 'test' }, hot('Healthcheck.Test', { note: 'Starts with NONE, CMD or CMD-SHELL.' })],
  ['timeout', optionalDuration, hot('Healthcheck.Timeout', { open: true })],
  ['interval', optionalDuration, hot('Healthcheck.Interval', { open: true })],
  ['retries', optionalInteger, hot('Healthcheck.Retries', { open: true })],
  ['start_period', optionalDuration, hot('Healthcheck.StartPeriod', { open: true })],
  ['start_interval', optionalDuration, hot('Healthcheck.StartInterval', { open: true })],
  ['disable', flag, hot('Healthcheck.Test', { open: true })],
)

const condition = oneOf(
  'DependsOnCondition',
  'What a dependency must have reached before the dependent starts.',
  'service_started',
  'service_healthy',
  'service_completed_successfully',
)

const dependsOn = struct(
  'DependsOn',
  'One edge of `depends_on`; implicit edges (links, `service:` namespaces, volumes_from) are in it too.',
  ['condition', condition, { required: true }],
  ['restart', flag],
  ['required', triState, { required: true }],
)

const device = struct(
  'Device',
  '`services.*.devices[]`.',
  ['source', text, { required: true }],
  ['target', text],
  ['permissions', text],
)

const envFile = struct(
  'EnvFile',
  '`services.*.env_file[]`, there only with `resolveEnvironment: false`.',
  ['path', text, { required: true }],
  ['required', triState],
  ['format', text],
)

const credentialSpec = struct(
  'CredentialSpec',
  '`services.*.credential_spec`.',
  ['config', text],
  ['file', text],
  ['registry', text],
)

const provider = struct(
  'Provider',
  '`services.*.provider`: somebody else who runs the service.',
  ['type', text, { required: true }],
  ['options', recordOf({ type: 'oneOrMore' })],
)

const extended = struct(
  'Extends',
  '`services.*.extends`.',
  ['file', text],
  ['service', text, { required: true }],
)

const logging = struct(
  'Logging',
  '`services.*.logging`.',
  ['driver', text, { open: true }],
  ['options', strings],
)

const modelReference = struct(
  'ModelReference',
  'Variables that tell a service where a model is.',
  ['endpoint_var', text],
  ['model_var', text],
)

const develop = struct('Develop', '`services.*.develop`.', ['watch', listOf(WATCH)])

const command: Shape = { type: 'words', keepNull: true }

const open = { open: true }
const openSet = { open: true, unordered: true }
const WINDOWS = 'only Windows containers have one'

/**
 * All that a service may say, and what it is to its containers: one line an attribute. Types, the loader, what `up` compares
 * and what it warns of are made of this table; the translation (`executor/create-request`) is held to it by a test.
 */
export const SERVICE: Struct = thing(
  'Service',
  "One service in canonical form: every attribute long, with Compose's own spelling.",
  ['profiles', texts, only('loader')],
  ['annotations', strings, hot('HostConfig.Annotations')],
  ['attach', triState, only('attach')],
  ['build', BUILD, only('build')],
  ['develop', develop, only('watch')],
  ['blkio_config', blkio, parts(open)],
  ['cap_add', texts, cold('HostConfig.CapAdd', openSet)],
  ['cap_drop', texts, cold('HostConfig.CapDrop', openSet)],
  ['cgroup_parent', text, cold('HostConfig.CgroupParent', open)],
  ['cgroup', text, cold('HostConfig.CgroupnsMode', open)],
  ['cpu_count', integer, inVain(WINDOWS, open)],
  ['cpu_percent', float, inVain(WINDOWS, open)],
  ['cpu_period', integer, hot('HostConfig.CpuPeriod', open)],
  ['cpu_quota', integer, hot('HostConfig.CpuQuota', open)],
  ['cpu_rt_period', integer, hot('HostConfig.CpuRealtimePeriod', open)],
  ['cpu_rt_runtime', integer, hot('HostConfig.CpuRealtimeRuntime', open)],
  ['cpus', float, hot('HostConfig.NanoCpus', open)],
  ['cpuset', text, hot('HostConfig.CpusetCpus', open)],
  ['cpu_shares', integer, hot('HostConfig.CpuShares', open)],
  [
    'command',
    command,
    cold('Cmd', {
      required: true,
      note: "null: the image's own; an empty list clears it.",
      jsonDefault: null,
    }),
  ],
  ['configs', listOf(FILE_REFERENCE), cold('HostConfig.Mounts', openSet)],
  ['container_name', text, coldBy('planner', open, 'EndpointsConfig.*.Aliases')],
  ['credential_spec', credentialSpec, inVain(WINDOWS)],
  ['depends_on', recordOf(dependsOn), only('planner')],
  ['deploy', DEPLOY, parts()],
  ['device_cgroup_rules', texts, cold('HostConfig.DeviceCgroupRules', openSet)],
  ['devices', listOf(device), cold(['HostConfig.Devices', 'HostConfig.DeviceRequests'], openSet)],
  ['dns', texts, hot('HostConfig.Dns', open)],
  ['dns_opt', texts, hot('HostConfig.DnsOptions', open)],
  ['dns_search', texts, hot('HostConfig.DnsSearch', open)],
  ['domainname', text, cold('Domainname', open)],
  [
    'entrypoint',
    command,
    cold('Entrypoint', {
      required: true,
      note: "null: the image's own; otherwise the image's command is dropped too.",
      jsonDefault: null,
    }),
  ],
  ['provider', provider, coldBy('planner')],
  [
    'environment',
    variables,
    cold('Env', {
      note: "Files of `env_file` are folded in; null: unset the image's variable of that name.",
    }),
  ],
  ['env_file', listOf(envFile), only('loader')],
  ['expose', texts, hot('ExposedPorts', openSet)],
  ['extends', extended, only('loader')],
  ['external_links', texts, hot('EndpointsConfig.*.Links', openSet)],
  [
    'extra_hosts',
    { type: 'hosts' },
    hot('HostConfig.ExtraHosts', { ...openSet, note: '`host=address`, sorted.' }),
  ],
  ['group_add', texts, cold('HostConfig.GroupAdd', openSet)],
  ['gpus', listOf(DEVICE_REQUEST), cold('HostConfig.DeviceRequests')],
  ['hostname', text, cold('Hostname', open)],
  ['healthcheck', healthcheck, parts()],
  ['image', text, cold('Image', open)],
  ['init', triState, cold('HostConfig.Init', open)],
  ['ipc', text, cold('HostConfig.IpcMode', open)],
  // Refused, but for the word that says what there is.
  ['isolation', text, coldBy('planner', open)],
  ['labels', strings, hot('Labels', open)],
  ['label_file', texts, only('loader')],
  ['links', texts, cold(['EndpointsConfig.*.Links', 'HostConfig.Links'], openSet)],
  ['logging', logging, hot('HostConfig.LogConfig')],
  ['mem_limit', bytes, hot('HostConfig.Memory', open)],
  ['mem_reservation', bytes, hot('HostConfig.MemoryReservation', open)],
  ['memswap_limit', bytes, hot('HostConfig.MemorySwap', open)],
  ['mem_swappiness', bytes, hot('HostConfig.MemorySwappiness', open)],
  ['mac_address', text, hot('EndpointsConfig.*.MacAddress', open)],
  ['models', recordOf(modelReference, true), inVain('models are not supported yet')],
  ['network_mode', text, cold('HostConfig.NetworkMode', open)],
  ['networks', recordOf(ATTACHMENT, true), hot('EndpointsConfig', open)],
  ['oom_kill_disable', flag, hot('HostConfig.OomKillDisable', open)],
  ['oom_score_adj', integer, hot('HostConfig.OomScoreAdj', open)],
  ['pid', text, cold('HostConfig.PidMode', open)],
  ['pids_limit', integer, hot('HostConfig.PidsLimit', open)],
  ['platform', text, coldBy('pull', open)],
  ['ports', listOf(PORT), hot(['ExposedPorts', 'HostConfig.PortBindings'], openSet)],
  ['privileged', flag, cold('HostConfig.Privileged', open)],
  ['pull_policy', text, only('pull')],
  ['pull_refresh_after', text, only('pull', {}, 'images are not fetched anew by their age')],
  ['read_only', flag, cold('HostConfig.ReadonlyRootfs', open)],
  [
    'restart',
    text,
    hot('HostConfig.RestartPolicy', {
      ...open,
      note: 'no, always, unless-stopped, on-failure, on-failure:N.',
    }),
  ],
  ['runtime', text, cold('HostConfig.Runtime', open)],
  ['scale', optionalInteger, only('planner')],
  ['secrets', listOf(FILE_REFERENCE), cold('HostConfig.Mounts', openSet)],
  [
    'security_opt',
    texts,
    cold(['HostConfig.SecurityOpt', 'HostConfig.MaskedPaths', 'HostConfig.ReadonlyPaths'], openSet),
  ],
  ['shm_size', bytes, cold('HostConfig.ShmSize', open)],
  ['stdin_open', flag, cold('OpenStdin', open)],
  ['stop_grace_period', optionalDuration, hot('StopTimeout', open)],
  ['stop_signal', text, hot('StopSignal', open)],
  ['storage_opt', strings, cold('HostConfig.StorageOpt', open)],
  ['sysctls', strings, cold('HostConfig.Sysctls', open)],
  ['tmpfs', texts, cold('HostConfig.Tmpfs', openSet)],
  ['tty', flag, cold('Tty', open)],
  ['ulimits', ulimits, hot('HostConfig.Ulimits', open)],
  ['use_api_socket', flag, inVain('it is not supported yet')],
  ['user', text, cold('User', open)],
  ['userns_mode', text, cold('HostConfig.UsernsMode', open)],
  ['uts', text, cold('HostConfig.UTSMode', open)],
  ['volumes', listOf(MOUNT), cold(['HostConfig.Binds', 'HostConfig.Mounts'], openSet)],
  ['volumes_from', texts, cold('HostConfig.VolumesFrom', open)],
  ['working_dir', text, cold('WorkingDir', open)],
  ['pre_start', listOf(PRE_START), coldBy('start')],
  ['post_start', listOf(HOOK), coldBy('start')],
  ['pre_stop', listOf(HOOK), only('stop')],
  ['x-tscompose', SERVICE_EXTENSION, parts()],
  ['x-tscompose-kubernetes', KUBERNETES_SERVICE, parts()],
)
