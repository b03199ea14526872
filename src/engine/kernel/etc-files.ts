import type { Drift } from '../../api/types/index.ts'
import { readTexts } from '../../native/index.ts'
import { etcTexts, writeEtcFiles } from '../endpoints/etc-files.ts'
import { joinedOf } from '../endpoints/joined.ts'
import { isDefaultBridge } from '../networks/predefined.ts'
import { ETC_FILES } from '../state/paths.ts'
import { type Facts, factsOf } from './facts.ts'
import { may } from './made.ts'
import type { ContainerSight, Thing } from './thing.ts'

/**
 * What stands in /etc/hosts, hostname and resolv.conf of a container that cannot write them: where it can, they are its own, as a
 * client of a VPN writes its name servers. That they are there is a matter of its mounts.
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
    if (mayWrite(facts) || container.terms.network.mode.kind !== 'network') return []
    const wanted = etcTexts(engine, container, joinedOf(engine, container))
    const found = sight.seen?.etc && readTexts(sight.seen.etc)
    return ETC_FILES.flatMap((name, index): Drift[] => {
      const want = linesOf(name, wanted?.[name])
      const got = linesOf(name, found?.[index])
      const at = want.findIndex((line, index) => line !== got[index])
      if (at < 0) return []
      return [{ Path: `file./etc/${name}`, Want: want[at] ?? '', Got: got[at] || 'nothing', Repair: 'place' }]
    })
  },
  async repair({ engine, container }) {
    writeEtcFiles(engine, container, joinedOf(engine, container))
  },
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
