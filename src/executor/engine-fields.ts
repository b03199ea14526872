import type { Service } from '../model/index.ts'

type Place = readonly [keyof Service & string, ...string[]]

/**
 * Where a service says what a field of the engine's create request holds, by the field's name as the engine's refusals have
 * it; of several places the first that the service has.
 */
export const ENGINE_FIELDS: Readonly<Record<string, readonly Place[]>> = {
  Hostname: [['hostname']],
  Domainname: [['domainname']],
  Env: [['environment'], ['env_file']],
  Cmd: [['command'], ['entrypoint']],
  WorkingDir: [['working_dir']],
  StopSignal: [['stop_signal']],
  StopTimeout: [['stop_grace_period']],
  'Healthcheck.Test': [['healthcheck', 'test']],
  'Healthcheck.Interval': [['healthcheck', 'interval']],
  'Healthcheck.Timeout': [['healthcheck', 'timeout']],
  'Healthcheck.StartPeriod': [['healthcheck', 'start_period']],
  'Healthcheck.StartInterval': [['healthcheck', 'start_interval']],
  'Healthcheck.Retries': [['healthcheck', 'retries']],
  'HostConfig.AutoRemove': [['restart']],
  'HostConfig.BlkioWeight': [['blkio_config', 'weight']],
  'HostConfig.CapAdd': [['cap_add']],
  'HostConfig.CapDrop': [['cap_drop']],
  'HostConfig.CgroupnsMode': [['cgroup']],
  'HostConfig.CpuPeriod': [['cpu_period']],
  'HostConfig.CpuQuota': [['cpu_quota']],
  'HostConfig.CpusetCpus': [['cpuset']],
  'HostConfig.CpusetMems': [['cpuset']],
  'HostConfig.Dns': [['dns']],
  'HostConfig.ExtraHosts': [['extra_hosts']],
  'HostConfig.IpcMode': [['ipc']],
  'HostConfig.Links': [['links']],
  'HostConfig.LogConfig': [['logging']],
  'HostConfig.Memory': [['mem_limit'], ['deploy', 'resources', 'limits', 'memory']],
  'HostConfig.MemoryReservation': [['mem_reservation'], ['deploy', 'resources', 'reservations', 'memory']],
  'HostConfig.MemorySwap': [['memswap_limit']],
  'HostConfig.MemorySwappiness': [['mem_swappiness']],
  'HostConfig.NanoCpus': [['cpus'], ['deploy', 'resources', 'limits', 'cpus']],
  'HostConfig.NetworkMode': [['network_mode']],
  'HostConfig.OomScoreAdj': [['oom_score_adj']],
  'HostConfig.PidMode': [['pid']],
  'HostConfig.RestartPolicy': [['restart'], ['deploy', 'restart_policy']],
  'HostConfig.SecurityOpt': [['security_opt']],
  'HostConfig.ShmSize': [['shm_size']],
  'HostConfig.UTSMode': [['uts']],
  'HostConfig.Ulimits': [['ulimits']],
  'HostConfig.UsernsMode': [['userns_mode']],
}

/** The place in the service that a refused field is about; undefined for what no attribute says by itself. */
export function placeOfField(service: Service, field: string | undefined): Place | undefined {
  // A field may end with a key, as `HostConfig.Ulimits.nofile`.
  const places = ENGINE_FIELDS[field ?? ''] ?? ENGINE_FIELDS[(field ?? '').split('.').slice(0, 2).join('.')]
  return places?.find(([attribute]) => service[attribute] !== undefined)
}
