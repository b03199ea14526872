import type { Rlimit } from '../runtime/index.ts'
import type { Term } from './term.ts'

type Own = 'Ulimits'

/** The limits of each process of the container. ULIMIT_INVALID. */
export const ulimitsTerm: Term<Own, readonly Rlimit[]> = {
  fields: { Ulimits: true },
  path: 'HostConfig.Ulimits',
  read: ({ Ulimits = [] }) => Ulimits.map(({ Name, Soft, Hard }) => ({ name: Name, soft: Soft, hard: Hard })),
  check: ({ Ulimits = [] }, problems, machine) => {
    for (const { Name, Soft, Hard } of Ulimits) {
      const wrong = (summary: string): void =>
        problems.add('ULIMIT_INVALID', `HostConfig.Ulimits.${Name}`, summary)
      if (Hard !== -1 && (Soft === -1 || Soft > Hard))
        wrong(`soft limit ${Soft} is above the hard limit ${Hard}`)
      if (Name !== 'nofile') continue
      const most = machine.mostOpenFiles()
      if (Hard === -1 || Hard > most) wrong(`got ${Hard}, want at most ${most} (fs.nr_open)`)
    }
  },
}
