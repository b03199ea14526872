import { REFUSED } from './in-vain.ts'
import { CASES } from './stack.ts'

/** Attributes, with all below them, that the tables do not show: where they are seen, or why they cannot be. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  attach: 'is of the attached `up`, not of containers',
  'blkio_config.weight_device': 'needs a kernel whose I/O scheduler has weights',
  'build.isolation': 'belongs to Windows',
  'build.pull': 'needs a registry',
  'build.ssh': 'needs an agent: images/compose-build.test.ts',
  'credential_spec.config': 'belongs to Windows, and is warned of as `file` is',
  'credential_spec.registry': 'belongs to Windows, and is warned of as `file` is',
  'deploy.resources.reservations.devices.count': 'is either `device_ids`, which is shown, or this',
  'deploy.update_config': 'wants a container before: `project/gapless.test.ts`',
  develop: 'is of `watch`, which is not there yet',
  'gpus.device_ids': 'is either `count`, which is shown, or this',
  'pre_start.per_replica': 'is an error of the loader',
  'x-lint': 'is of `lint`',
  'x-tscompose.bind_owner':
    'wants callers, and file systems of several kinds: `isolation/bind-owner.test.ts`',
  'x-tscompose.egress': 'wants places to go: `networks/egress.test.ts`',
  'x-tscompose.host_access':
    'wants an internal network, and the host to listen: `networks/host-access.test.ts`',
  'x-tscompose.on_change': 'wants a file that changes: `project/hot-changes.test.ts`',
  'x-tscompose.probe.unix': 'wants a program that listens so: `containers/probes.test.ts`',
  'x-tscompose.publish': 'wants clients at several addresses: `networks/published.test.ts`',
  'x-tscompose.sleep': 'wants time to pass, and clients: `project/sleep.test.ts`',
  'x-tscompose-kubernetes': 'says what becomes of a service in a cluster, and of no container here',
  'x-tscompose.run_once': 'is of the planner, and shown by its tests',
}

/** Paths that a case of the tables shows. */
export function shownPaths(): string[] {
  return [...new Set([...Object.values(CASES).flat(), ...REFUSED].flatMap(each => each.shows))]
}
