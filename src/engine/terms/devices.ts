import type { DeviceOptions } from '../runtime/index.ts'
import type { Term } from './term.ts'

type Own = 'Devices' | 'DeviceCgroupRules'

/** Devices of the host that the container gets, and further rules of what it may open. */
export const devicesTerm: Term<Own, DeviceOptions> = {
  fields: { Devices: true, DeviceCgroupRules: true },
  path: 'HostConfig.Devices',
  read: ({ Devices = [], DeviceCgroupRules = [] }) => ({
    mappings: Devices.map(({ PathOnHost, PathInContainer, CgroupPermissions }) => ({
      source: PathOnHost,
      target: PathInContainer || PathOnHost,
      permissions: CgroupPermissions || 'rwm',
    })),
    rules: DeviceCgroupRules,
  }),
}
