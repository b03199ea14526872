import type { Field, Given } from './term.ts'

/** Fields of `HostConfig` that change nothing; each that is used gets a warning, so nobody is deceived. */
type WithoutEffect =
  | 'CgroupParent'
  | 'Cgroup'
  | 'CpuCount'
  | 'CpuPercent'
  | 'CpuRealtimePeriod'
  | 'CpuRealtimeRuntime'
  | 'DeviceRequests'
  | 'IOMaximumBandwidth'
  | 'IOMaximumIOps'
  | 'KernelMemoryTCP'
  | 'StorageOpt'

/** Fields that change nothing by certain values alone, which get sentences of their own. */
type WithoutEffectAtTimes = 'Runtime' | 'Isolation' | 'NetworkDisabled'

/** Fields that are meant for whoever made the container. */
type ToldAgain =
  | 'Image'
  | 'Labels'
  | 'Annotations'
  | 'AttachStdin'
  | 'AttachStdout'
  | 'AttachStderr'
  | 'ArgsEscaped'
  | 'OnBuild'
  | 'ContainerIDFile'

type Recorded = WithoutEffect | WithoutEffectAtTimes | ToldAgain

/** All fields that no term reads: they are kept in the record, and told again. */
export const RECORDED: Readonly<Record<Recorded & Field, 'without effect' | 'at times' | 'told again'>> = {
  CgroupParent: 'without effect',
  Cgroup: 'without effect',
  CpuCount: 'without effect',
  CpuPercent: 'without effect',
  CpuRealtimePeriod: 'without effect',
  CpuRealtimeRuntime: 'without effect',
  DeviceRequests: 'without effect',
  IOMaximumBandwidth: 'without effect',
  IOMaximumIOps: 'without effect',
  KernelMemoryTCP: 'without effect',
  StorageOpt: 'without effect',
  Runtime: 'at times',
  Isolation: 'at times',
  NetworkDisabled: 'at times',
  Image: 'told again',
  Labels: 'told again',
  Annotations: 'told again',
  AttachStdin: 'told again',
  AttachStdout: 'told again',
  AttachStderr: 'told again',
  ArgsEscaped: 'told again',
  OnBuild: 'told again',
  ContainerIDFile: 'told again',
}

/** One sentence for each field that this engine does not act on. */
export function unsupportedWarnings(given: Given): string[] {
  const warnings = (Object.keys(RECORDED) as Recorded[])
    .filter(field => RECORDED[field] === 'without effect' && isUsed(given[field]))
    .map(field => `HostConfig.${field} has no effect on this engine`)
  if (
    given.Runtime !== undefined &&
    !['', 'runc', 'tscompose', 'io.containerd.runc.v2'].includes(given.Runtime)
  ) {
    warnings.push(
      `HostConfig.Runtime "${given.Runtime}" is not used: containers always run by this engine itself`,
    )
  }
  if (given.Isolation !== undefined && !['', 'default'].includes(given.Isolation)) {
    warnings.push(`HostConfig.Isolation "${given.Isolation}" has no effect on Linux`)
  }
  const labels = (given.SecurityOpt ?? []).filter(option => option.startsWith('label'))
  if (labels.length > 0)
    warnings.push('HostConfig.SecurityOpt label: SELinux labels are not set by this engine')
  if (given.NetworkDisabled === true) warnings.push('NetworkDisabled has no effect: use network mode none')
  return warnings
}

/** Whether a field says anything: Go clients send what is empty too. */
export function isUsed(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}
