import { chmodSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import type { Drift } from '../../api/types/index.ts'
import { type FileRead, readAccess } from '../../native/index.ts'
import { etcTexts, writeEtcFiles } from '../endpoints/etc-files.ts'
import { joinedOf } from '../endpoints/joined.ts'
import { isDefaultBridge } from '../networks/predefined.ts'
import type { Container } from '../state/container.ts'
import { ETC_FILES } from '../state/paths.ts'
import { type Facts, factsOf } from './facts.ts'
import { may } from './made.ts'
import type { ContainerSight, Thing } from './thing.ts'

/**
 * What stands in /etc/hosts, hostname and resolv.conf of a container that cannot write them: where it can, they are its own, as a
 * client of a VPN writes its name servers; but that everybody in it can read them, which is for all. That they are there is a matter of its mounts.
 */
export const ETC_TEXTS: Thing<ContainerSight> = {
  paths: ['file'],
  // On the default bridge much of it is the host's, or others'.
  basis: ({ engine, container, made, seen }) =>
    seen?.etc && joinedOf(engine, container).every(({ network }) => !isDefaultBridge(network))
      ? [made, seen.etc]
      : undefined,
  observe(sight) {
    const facts = factsOf(sight)
    const { engine, container } = sight
    if (facts === undefined) return undefined
    // The host's own are the host's: they may change while it runs.
    const found = sight.seen?.etc === undefined ? [] : readAccess(sight.seen.etc)
    const access = accessDrift(container, found, mayWrite(facts))
    if (mayWrite(facts) || container.terms.network.mode.kind !== 'network') return access
    const wanted = etcTexts(engine, container, joinedOf(engine, container))
    const texts = ETC_FILES.flatMap((name, index): Drift[] => {
      const want = linesOf(name, wanted?.[name])
      const got = linesOf(name, found[index]?.text)
      const at = want.findIndex((line, index) => line !== got[index])
      if (at < 0) return []
      return [{ Path: pathOf(name), Want: want[at] ?? '', Got: got[at] || 'nothing', Repair: 'place' }]
    })
    return [...texts, ...access]
  },
  async repair({ engine, container }, drift) {
    const isOf = (paths: readonly string[]): boolean => drift.some(({ Path }) => paths.includes(Path))
    if (isOf(ETC_FILES.map(pathOf))) writeEtcFiles(engine, container, joinedOf(engine, container))
    for (const name of ETC_FILES) {
      const file = join(container.paths.etc, name)
      // In this order: a change of the owner may take bits of the mode.
      if (isOf([`${pathOf(name)}.owner`])) chownSync(file, 0, 0)
      if (isOf([`${pathOf(name)}.mode`])) chmodSync(file, MODE)
    }
  },
}

const MODE = 0o644
const OWNER = '0:0'
/** For everybody. */
const MAY_READ = 0o444

function pathOf(name: (typeof ETC_FILES)[number]): string {
  return `file./etc/${name}`
}

/** `isItsOwn`: it may have changed both. Who has another's files leaves that to whose they are. */
function accessDrift(
  { terms }: Container,
  found: readonly (FileRead | undefined)[],
  isItsOwn: boolean,
): Drift[] {
  if (terms.network.mode.kind === 'container') return []
  return found.flatMap((file, index) => {
    if (file === undefined) return []
    const path = pathOf(ETC_FILES[index] ?? 'hosts')
    const { mode, uid, gid } = file
    const isRight = isItsOwn ? (mode & MAY_READ) === MAY_READ : mode === MODE
    const owner = `${uid}:${gid}`
    const drift = (Path: string, Want: string, Got: string): Drift => ({ Path, Want, Got, Repair: 'place' })
    return [
      ...(isRight ? [] : [drift(`${path}.mode`, MODE.toString(8), mode.toString(8))]),
      ...(isItsOwn || owner === OWNER ? [] : [drift(`${path}.owner`, OWNER, owner)]),
    ]
  })
}

/** Root of a container writes its files where they are not read-only; another user can be root's only with its capabilities. */
function mayWrite(facts: Facts): boolean {
  const { root, process } = facts.spec
  if (root.readonly === true) return may(facts, 'SYS_ADMIN')
  return process.user.uid === 0 || may(facts, 'DAC_OVERRIDE') || may(facts, 'SETUID')
}

/** The lines that are held against each other: of resolv.conf whom it names, since the rest follows the host's, which may change. */
function linesOf(name: (typeof ETC_FILES)[number], text: string | undefined): string[] {
  const lines = (text ?? '').split('\n')
  return name === 'resolv.conf' ? lines.filter(line => line === 'nameserver 127.0.0.11') : lines
}
