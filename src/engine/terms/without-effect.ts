import type { ContainerConfig, HostConfig } from '../../api/types/index.ts'

/** Fields that are kept in the record but change nothing; each that is used gets a warning, so nobody is deceived. */
const WITHOUT_EFFECT: readonly (keyof HostConfig)[] = [
  'CgroupParent',
  'Cgroup',
  'CpuCount',
  'CpuPercent',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'DeviceRequests',
  'IOMaximumBandwidth',
  'IOMaximumIOps',
  'KernelMemoryTCP',
  'StorageOpt',
]

/** One sentence for each field that this engine does not act on. */
export function unsupportedWarnings(config: ContainerConfig, host: HostConfig): string[] {
  const warnings = WITHOUT_EFFECT.filter(field => isUsed(host[field])).map(
    field => `HostConfig.${field} has no effect on this engine`,
  )
  if (
    host.Runtime !== undefined &&
    !['', 'runc', 'tscompose', 'io.containerd.runc.v2'].includes(host.Runtime)
  ) {
    warnings.push(
      `HostConfig.Runtime "${host.Runtime}" is not used: containers always run by this engine itself`,
    )
  }
  if (host.Isolation !== undefined && !['', 'default'].includes(host.Isolation)) {
    warnings.push(`HostConfig.Isolation "${host.Isolation}" has no effect on Linux`)
  }
  const labels = (host.SecurityOpt ?? []).filter(option => option.startsWith('label'))
  if (labels.length > 0)
    warnings.push('HostConfig.SecurityOpt label: SELinux labels are not set by this engine')
  if (config.NetworkDisabled === true) warnings.push('NetworkDisabled has no effect: use network mode none')
  return warnings
}

/** Whether a field says anything: Go clients send what is empty too. */
export function isUsed(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}
