import { type Finding, findingsOf, fine, type Verdict, warning } from './finding.ts'
import type { Machine } from './machine.ts'

/** Programs that some things are done with, the package that brings each, and what is lost without it. */
const PROGRAMS: readonly (readonly [name: string, package_: string, lost: string])[] = [
  ['git', 'git', 'Compose files and build contexts of git repositories cannot be read'],
  ['xz', 'xz-utils', 'ADD and `cp` cannot unpack .xz'],
  ['bzip2', 'bzip2', 'ADD and `cp` cannot unpack .bz2'],
  ['zstd', 'zstd', 'layers that are packed with zstd are unpacked some times slower'],
  [
    'mmdebstrap',
    'mmdebstrap',
    'where no registry is reached, debian:… and ubuntu:… cannot be made from the archive',
  ],
  ['ssh-agent', 'openssh-client', '`build.ssh` has no agent to pass on; files with private keys work'],
]

/** Programs that nothing needs which a usual project does. */
export async function examinePrograms(machine: Machine): Promise<Finding[]> {
  const verdicts = await Promise.all(
    PROGRAMS.map(
      async ([name, from, lost]): Promise<readonly [string, Verdict]> => [
        name,
        (await machine.finds(name))
          ? fine('installed')
          : warning('not installed', `${lost}: install the package ${from}`),
      ],
    ),
  )
  return findingsOf('Programs', Object.fromEntries(verdicts))
}
