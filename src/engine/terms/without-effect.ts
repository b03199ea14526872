import { unknownCheck } from './health.ts'
import type { Problems } from './problems.ts'
import type { Field, Given } from './term.ts'

/** Fields of `HostConfig` that change nothing; each that is used gets a warning, so nobody is deceived. */
type WithoutEffect =
  | 'Cgroup'
  | 'CpuCount'
  | 'CpuPercent'
  | 'IOMaximumBandwidth'
  | 'IOMaximumIOps'
  | 'KernelMemoryTCP'

/** Fields that change nothing by certain values alone, which get sentences of their own. */
type WithoutEffectAtTimes = 'NetworkDisabled'

/** Fields that ask for what this engine has not, and without which a container would not be what was meant. */
type Refused = 'Runtime' | 'Isolation' | 'DeviceRequests' | 'StorageOpt'

/** Fields that are meant for whoever made the container. */
type ToldAgain =
  | 'Image'
  | 'Labels'
  | 'AttachStdin'
  | 'AttachStdout'
  | 'AttachStderr'
  | 'ArgsEscaped'
  | 'OnBuild'
  | 'ContainerIDFile'

type Recorded = WithoutEffect | WithoutEffectAtTimes | Refused | ToldAgain

/** All fields that no term reads: they are kept in the record, and told again. */
export const RECORDED: Readonly<
  Record<Recorded & Field, 'without effect' | 'at times' | 'refused' | 'told again'>
> = {
  Cgroup: 'without effect',
  CpuCount: 'without effect',
  CpuPercent: 'without effect',
  DeviceRequests: 'refused',
  IOMaximumBandwidth: 'without effect',
  IOMaximumIOps: 'without effect',
  KernelMemoryTCP: 'without effect',
  StorageOpt: 'refused',
  Runtime: 'refused',
  Isolation: 'refused',
  NetworkDisabled: 'at times',
  Image: 'told again',
  Labels: 'told again',
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
  const check = unknownCheck(given)
  if (check !== undefined)
    warnings.push(`Healthcheck.Test begins with "${check}", want NONE, CMD or CMD-SHELL: there is no check`)
  if (given.NetworkDisabled === true) warnings.push('NetworkDisabled has no effect: use network mode none')
  return warnings
}

/** Names of the one runtime that there is. */
const OWN_RUNTIME: readonly string[] = ['', 'runc', 'tscompose', 'io.containerd.runc.v2']

/** RUNTIME_UNKNOWN, ISOLATION_INVALID, DEVICE_DRIVER, STORAGE_OPTION: as Docker refuses what it has not. */
export function checkRefused(given: Pick<Given, Refused>, problems: Problems): void {
  const { Runtime: runtime = '', Isolation: isolation = '', DeviceRequests = [], StorageOpt } = given
  if (!OWN_RUNTIME.includes(runtime)) {
    const summary = `runtime "${runtime}" does not exist: this engine runs containers itself`
    problems.add('RUNTIME_UNKNOWN', 'HostConfig.Runtime', summary, { facts: { runtime } })
  }
  if (!['', 'default'].includes(isolation.toLowerCase()))
    problems.add('ISOLATION_INVALID', 'HostConfig.Isolation', `isolation "${isolation}" is for Windows`, {
      facts: { isolation },
    })
  for (const { Driver: driver = '', Capabilities = [] } of DeviceRequests) {
    const capabilities = `[${Capabilities.map(all => `[${all.join(' ')}]`).join(' ')}]`
    const summary = `no driver for devices with the capabilities ${capabilities}: this engine has none for GPUs`
    problems.add('DEVICE_DRIVER', 'HostConfig.DeviceRequests', summary, { facts: { driver, capabilities } })
  }
  if (isUsed(StorageOpt))
    problems.add(
      'STORAGE_OPTION',
      'HostConfig.StorageOpt',
      'the writable layer of a container has no size of its own here',
      {
        facts: {},
      },
    )
}

/** Whether a field says anything: Go clients send what is empty too. */
export function isUsed(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}
