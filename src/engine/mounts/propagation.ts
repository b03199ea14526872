import { readFileSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import { parseMountinfo } from '../../linux/mountinfo.ts'
import type { MountRecord } from '../state/container-record.ts'
import { propagationOf } from '../terms/runtime-mounts.ts'

/**
 * BIND_PROPAGATION when the source lies on a mount that tells nobody of what is mounted below it, so that the wish would
 * have no effect. `mountinfo` is the text of /proc/self/mountinfo.
 */
export function checkPropagation(
  mount: Pick<MountRecord, 'source' | 'propagation'>,
  mountinfo: string = readFileSync('/proc/self/mountinfo', 'utf8'),
  resolve: (path: string) => string = realpathSync,
): void {
  const propagation = propagationOf(mount)
  if (propagation === 'private') return
  const fields = new Map(parseMountinfo(mountinfo).map(each => [each.mountpoint, each.propagation.join(' ')]))
  let point = resolve(mount.source)
  while (!fields.has(point) && point !== '/') point = dirname(point)
  const wanted = propagation === 'shared' ? /\bshared:/ : /\b(shared|master):/
  if (wanted.test(fields.get(point) ?? '')) return
  throw failure({
    code: 'BIND_PROPAGATION',
    kind: 'invalidArgument',
    summary: `bind source "${mount.source}" lies on the mount ${point}, which is not ${propagation === 'shared' ? 'shared' : 'shared or slave'}`,
    hint: `\`mount --make-shared ${point}\` makes it so; or leave the propagation out`,
  })
}
