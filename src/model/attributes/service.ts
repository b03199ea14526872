import {
  bytes,
  duration,
  flag,
  float,
  integer,
  listOf,
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
  words,
} from './shape.ts'

const mode: Shape = { type: 'mode' }

const ulimits = recordOf({ type: 'ulimit' })

const fileReference = struct(['source', text], ['target', text], ['uid', text], ['gid', text], ['mode', mode])

const deviceRequest = struct(
  ['capabilities', texts],
  ['driver', text],
  ['count', { type: 'count' }],
  ['device_ids', texts],
  ['options', strings],
)

const build = struct(
  ['context', text],
  ['dockerfile', text],
  ['dockerfile_inline', text],
  ['entitlements', texts],
  ['args', variables],
  ['provenance', text],
  ['sbom', text],
  ['ssh', texts],
  ['labels', strings],
  ['cache_from', texts],
  ['cache_to', texts],
  ['no_cache', flag],
  ['no_cache_filter', texts],
  ['additional_contexts', strings],
  ['pull', flag],
  ['extra_hosts', { type: 'hosts' }],
  ['isolation', text],
  ['network', text],
  ['target', text],
  ['secrets', listOf(fileReference)],
  ['shm_size', bytes],
  ['tags', texts],
  ['ulimits', ulimits],
  ['platforms', texts],
  ['privileged', flag],
)

const command = { name: 'command', shape: words, jsonDefault: null } as const

const hook = struct(
  command,
  ['user', text],
  ['privileged', flag],
  ['working_dir', text],
  ['environment', variables],
)

const preStart = struct(
  command,
  ['image', text],
  ['user', text],
  ['privileged', flag],
  ['working_dir', text],
  ['environment', variables],
  ['per_replica', flag],
)

const watch = struct(
  ['path', text],
  ['action', text],
  ['target', text],
  { name: 'exec', shape: hook, jsonDefault: { command: null } },
  ['include', texts],
  ['ignore', texts],
  ['initial_sync', flag],
)

const weightDevice = struct(
  { name: 'path', shape: text, jsonName: 'Path', jsonDefault: '' },
  { name: 'weight', shape: integer, jsonName: 'Weight', jsonDefault: 0 },
)

const deviceRate = struct(
  { name: 'path', shape: text, jsonName: 'Path', jsonDefault: '' },
  { name: 'rate', shape: bytes, jsonName: 'Rate', jsonDefault: '0' },
)

const blkio = struct(
  ['weight', integer],
  ['weight_device', listOf(weightDevice)],
  ['device_read_bps', listOf(deviceRate)],
  ['device_read_iops', listOf(deviceRate)],
  ['device_write_bps', listOf(deviceRate)],
  ['device_write_iops', listOf(deviceRate)],
)

const discreteResource = struct(
  { name: 'kind', shape: text, jsonDefault: '' },
  { name: 'value', shape: integer, jsonDefault: 0 },
)

const resource = struct(
  ['cpus', float],
  ['memory', bytes],
  ['pids', integer],
  ['devices', listOf(deviceRequest)],
  ['generic_resources', listOf(struct(['discrete_resource_spec', discreteResource]))],
)

const update = struct(
  ['parallelism', optionalInteger],
  ['delay', duration],
  ['failure_action', text],
  ['monitor', duration],
  ['max_failure_ratio', float],
  ['order', text],
)

const deploy = struct(
  ['mode', text],
  ['replicas', optionalInteger],
  ['labels', strings],
  ['update_config', update],
  ['rollback_config', update],
  {
    name: 'resources',
    shape: struct(['limits', resource], ['reservations', resource]),
    jsonDefault: {},
    yamlOmitsEmpty: true,
  },
  [
    'restart_policy',
    struct(
      ['condition', text],
      ['delay', optionalDuration],
      ['max_attempts', optionalInteger],
      ['window', optionalDuration],
    ),
  ],
  {
    name: 'placement',
    shape: struct(
      ['constraints', texts],
      ['preferences', listOf(struct(['spread', text]))],
      ['max_replicas_per_node', integer],
    ),
    jsonDefault: {},
    yamlOmitsEmpty: true,
  },
  ['endpoint_mode', text],
)

const healthcheck = struct(
  ['test', { type: 'test' }],
  ['timeout', optionalDuration],
  ['interval', optionalDuration],
  ['retries', optionalInteger],
  ['start_period', optionalDuration],
  ['start_interval', optionalDuration],
  ['disable', flag],
)

const attachment = struct(
  ['aliases', texts],
  ['driver_opts', strings],
  ['gw_priority', integer],
  ['interface_name', text],
  ['ipv4_address', text],
  ['ipv6_address', text],
  ['link_local_ips', texts],
  ['mac_address', text],
  ['priority', integer],
)

const port = struct(
  ['name', text],
  ['mode', text],
  ['host_ip', text],
  ['target', integer],
  ['published', text],
  ['protocol', text],
  ['app_protocol', text],
)

const mount = struct(
  ['type', text],
  ['source', text],
  ['target', text],
  ['read_only', flag],
  ['consistency', text],
  [
    'bind',
    struct(['selinux', text], ['propagation', text], ['create_host_path', triState], ['recursive', text]),
  ],
  ['volume', struct(['labels', strings], ['nocopy', flag], ['subpath', text])],
  ['tmpfs', struct(['size', bytes], ['mode', { type: 'permissions' }])],
  ['image', struct(['subpath', text])],
)

/** `services.*` */
export const SERVICE: Struct = struct(
  ['profiles', texts],
  ['annotations', strings],
  ['attach', triState],
  ['build', build],
  ['develop', struct(['watch', listOf(watch)])],
  ['blkio_config', blkio],
  ['cap_add', texts],
  ['cap_drop', texts],
  ['cgroup_parent', text],
  ['cgroup', text],
  ['cpu_count', integer],
  ['cpu_percent', float],
  ['cpu_period', integer],
  ['cpu_quota', integer],
  ['cpu_rt_period', integer],
  ['cpu_rt_runtime', integer],
  ['cpus', float],
  ['cpuset', text],
  ['cpu_shares', integer],
  { name: 'command', shape: { type: 'words', keepNull: true }, jsonDefault: null },
  ['configs', listOf(fileReference)],
  ['container_name', text],
  ['credential_spec', struct(['config', text], ['file', text], ['registry', text])],
  ['depends_on', recordOf(struct(['condition', text], ['restart', flag], ['required', triState]))],
  ['deploy', deploy],
  ['device_cgroup_rules', texts],
  ['devices', listOf(struct(['source', text], ['target', text], ['permissions', text]))],
  ['dns', texts],
  ['dns_opt', texts],
  ['dns_search', texts],
  ['domainname', text],
  { name: 'entrypoint', shape: { type: 'words', keepNull: true }, jsonDefault: null },
  ['provider', struct(['type', text], ['options', recordOf({ type: 'oneOrMore' })])],
  ['environment', variables],
  ['env_file', listOf(struct(['path', text], ['required', triState], ['format', text]))],
  ['expose', texts],
  ['extends', struct(['file', text], ['service', text])],
  ['external_links', texts],
  ['extra_hosts', { type: 'hosts' }],
  ['group_add', texts],
  ['gpus', listOf(deviceRequest)],
  ['hostname', text],
  ['healthcheck', healthcheck],
  ['image', text],
  ['init', triState],
  ['ipc', text],
  ['isolation', text],
  ['labels', strings],
  ['label_file', texts],
  ['links', texts],
  ['logging', struct(['driver', text], ['options', strings])],
  ['mem_limit', bytes],
  ['mem_reservation', bytes],
  ['memswap_limit', bytes],
  ['mem_swappiness', bytes],
  ['mac_address', text],
  ['models', recordOf(struct(['endpoint_var', text], ['model_var', text]), true)],
  ['network_mode', text],
  ['networks', recordOf(attachment, true)],
  ['oom_kill_disable', flag],
  ['oom_score_adj', integer],
  ['pid', text],
  ['pids_limit', integer],
  ['platform', text],
  ['ports', listOf(port)],
  ['privileged', flag],
  ['pull_policy', text],
  ['pull_refresh_after', text],
  ['read_only', flag],
  ['restart', text],
  ['runtime', text],
  ['scale', optionalInteger],
  ['secrets', listOf(fileReference)],
  ['security_opt', texts],
  ['shm_size', bytes],
  ['stdin_open', flag],
  ['stop_grace_period', optionalDuration],
  ['stop_signal', text],
  ['storage_opt', strings],
  ['sysctls', strings],
  ['tmpfs', texts],
  ['tty', flag],
  ['ulimits', ulimits],
  ['use_api_socket', flag],
  ['user', text],
  ['userns_mode', text],
  ['uts', text],
  ['volumes', listOf(mount)],
  ['volumes_from', texts],
  ['working_dir', text],
  ['pre_start', listOf(preStart)],
  ['post_start', listOf(hook)],
  ['pre_stop', listOf(hook)],
)
