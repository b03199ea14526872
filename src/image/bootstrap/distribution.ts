import type { Reference } from '../../oci/reference.ts'

/** A release of a distribution that can be made from its archive. */
export interface Release {
  readonly distribution: 'debian' | 'ubuntu'
  /** Codename, which is also the name of the archive's suite. */
  readonly suite: string
  /** Without manual pages, translations and documentation, as the `-slim` images are. */
  readonly slim: boolean
}

/** Names that debian's tags go by; `latest` and `stable` are to move when a new release is out. */
const DEBIAN: ReadonlyMap<string, string> = new Map([
  ['latest', 'trixie'],
  ['stable', 'trixie'],
  ['13', 'trixie'],
  ['trixie', 'trixie'],
  ['oldstable', 'bookworm'],
  ['12', 'bookworm'],
  ['bookworm', 'bookworm'],
  ['oldoldstable', 'bullseye'],
  ['11', 'bullseye'],
  ['bullseye', 'bullseye'],
  ['testing', 'forky'],
  ['forky', 'forky'],
  ['unstable', 'sid'],
  ['sid', 'sid'],
])

/** Long-term releases; `latest` is the newest that stands here. */
const UBUNTU: ReadonlyMap<string, string> = new Map([
  ['latest', 'noble'],
  ['24.04', 'noble'],
  ['noble', 'noble'],
  ['22.04', 'jammy'],
  ['jammy', 'jammy'],
])

/** Suites that have neither updates nor a security suite of their own. */
const ROLLING = new Set(['sid'])

/** The release that a reference means; undefined when no archive has it. */
export function releaseOf({ domain, path, tag, digest }: Reference): Release | undefined {
  if (domain !== 'docker.io' || digest !== undefined || tag === undefined) return undefined
  if (path === 'library/ubuntu') {
    const suite = UBUNTU.get(tag)
    return suite === undefined ? undefined : { distribution: 'ubuntu', suite, slim: false }
  }
  if (path !== 'library/debian') return undefined
  const slim = tag.endsWith('-slim')
  const suite = DEBIAN.get(slim ? tag.slice(0, -'-slim'.length) : tag)
  return suite === undefined ? undefined : { distribution: 'debian', suite, slim }
}

/** A suite of an archive as a line of sources.list names it. */
export interface SuiteSource {
  /** `main` for the distribution's archive, `security` where that has a place of its own. */
  readonly archive: 'main' | 'security'
  readonly suite: string
}

/** All suites that a system of the release takes packages from. */
export function suitesOf({ distribution, suite }: Release): readonly SuiteSource[] {
  if (ROLLING.has(suite)) return [{ archive: 'main', suite }]
  return [
    { archive: 'main', suite },
    { archive: 'main', suite: `${suite}-updates` },
    { archive: distribution === 'debian' ? 'security' : 'main', suite: `${suite}-security` },
  ]
}

/** Components of the release's archive that its official image offers. */
export function componentsOf({ distribution }: Release): readonly string[] {
  return distribution === 'debian' ? ['main'] : ['main', 'universe', 'restricted', 'multiverse']
}
