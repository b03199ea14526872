import { describe, expect, it } from 'vitest'
import type { HostConfig } from '../../api/types/index.ts'
import { termsOf } from './index.ts'
import { hasHighIds, needsHostIds } from './user-namespace.ts'

const reason = (host: HostConfig): string | undefined => needsHostIds(termsOf({}, host))
const device = (PathInContainer: string): HostConfig => ({
  Devices: [{ PathOnHost: '/dev/null', PathInContainer, CgroupPermissions: 'rwm' }],
})

describe('the ids of a container', () => {
  it.each<[string, HostConfig]>([
    ['nothing is said', {}],
    ['capabilities work on what is its own', { CapAdd: ['NET_ADMIN', 'SYS_PTRACE', 'DAC_READ_SEARCH'] }],
    ['it joins another', { NetworkMode: 'container:x', PidMode: 'container:x', IpcMode: 'container:x' }],
    ['it has no filter', { SecurityOpt: ['seccomp=unconfined', 'systempaths=unconfined'] }],
    ['it has a device', device('/dev/zero2')],
    ['it has the names of the host', { UTSMode: 'host' }],
    ['a capability was taken back', { CapAdd: ['SYS_ADMIN'], CapDrop: ['SYS_ADMIN'] }],
  ])('are its own where %s', (_, host) => expect(reason(host)).toBeUndefined())

  it.each<[HostConfig, RegExp]>([
    [{ Privileged: true }, /privileged/],
    [{ PidMode: 'host' }, /pid namespace/],
    [{ IpcMode: 'host' }, /ipc namespace/],
    [{ CgroupnsMode: 'host' }, /cgroup namespace/],
    [{ NetworkMode: 'host' }, /network/],
    [{ CapAdd: ['cap_sys_admin'] }, /SYS_ADMIN/],
    [{ CapAdd: ['ALL'] }, /capability/],
    [{ CapAdd: ['IPC_LOCK'] }, /IPC_LOCK/],
    [{ CapAdd: ['MKNOD'] }, /MKNOD/],
    [device('/srv/null'), /not in \/dev/],
    [{ DeviceCgroupRules: ['c 10:229 rwm'] }, /device rules/],
  ])("are the host's with %j", (host, why) => expect(reason(host)).toMatch(why))

  it("are the host's where one is above the range", () => {
    expect(hasHighIds([0, 65_535])).toBeUndefined()
    expect(hasHighIds([0, 65_536])).toMatch('65536')
  })
})
