import type { Drift } from '../../api/types/index.ts'
import { numbersInRanges } from '../../linux/number-ranges.ts'
import { factsOf } from './facts.ts'
import { isRunning, madeOf, type RunningMade } from './made.ts'
import { see } from './seen.ts'
import { settle, unsettled } from './settled.ts'
import type { ContainerSight, Thing } from './thing.ts'
import { type WantedSetting, wantedSettings } from './wanted-settings.ts'

/**
 * Names and sysctls of the namespaces that are a container's own. It sees /proc/sys read-only: who does not, or may set the names, has
 * them to itself.
 */
export const SETTINGS: Thing<ContainerSight> = {
  paths: ['hostname', 'domainname', 'sysctl'],
  basis: ({ made, seen }) => seen && [made, seen.sysctls],
  observe(sight) {
    const facts = factsOf(sight)
    return facts === undefined
      ? undefined
      : unsettled(facts.spec, settingsDrift(sight, facts, sight.seen?.sysctls))
  },
  async repair(sight, drift) {
    const { engine, container } = sight
    const facts = factsOf(sight)
    if (facts === undefined) return
    await write(sight, facts, ({ path }) => drift.some(({ Path }) => Path === path))
    const seen = await see(engine, container, facts)
    settle(facts.spec, settingsDrift(sight, facts, seen?.sysctls))
  },
}

/** Names of those that each interface has of its own. */
export const OF_INTERFACES: RegExp = /^net\..*\.conf\./

/** Writes those of a container's sysctls whose names are like that. */
export async function writeSysctls(
  { engine, container }: Pick<ContainerSight, 'engine' | 'container'>,
  like: RegExp,
): Promise<void> {
  const made = await madeOf(engine, container)
  // One that has no process has them written with the next.
  if (made !== undefined && isRunning(made))
    await write({ engine, container }, made, ({ key }) => like.test(key))
}

async function write(
  { engine, container }: Pick<ContainerSight, 'engine' | 'container'>,
  made: RunningMade,
  isMeant: (setting: WantedSetting) => boolean,
): Promise<void> {
  const inside = wantedSettings(made, container.terms.sysctls.values).flatMap(each =>
    isMeant(each) ? [each.write] : [],
  )
  if (inside.length > 0)
    await engine.native.run({ outside: [{ op: 'enter', ...made.process, mapped: false }], inside })
}

function settingsDrift(
  { container, made }: ContainerSight,
  facts: RunningMade,
  values: Buffer | undefined,
): Drift[] {
  const wanted = wantedSettings(made ?? facts, container.terms.sysctls.values)
  return values === undefined ? [] : compareSettings(wanted, values.toString('utf8').split('\0'))
}

/** `values`: as the kernel says them, empty where it says nothing. */
export function compareSettings(wanted: readonly WantedSetting[], values: readonly string[]): Drift[] {
  return wanted.flatMap(({ path, want }, index): Drift[] => {
    const got = values[index]?.trim() ?? ''
    if (got === '' || got === want || meaningOf(got) === meaningOf(want)) return []
    return [{ Path: path, Want: want, Got: got, Repair: 'place' }]
  })
}

/** Numbers are equal however they are written, and in lists of ranges their order is the kernel's. */
function meaningOf(text: string): string {
  const words = text.trim().split(/\s+/)
  if (words.length === 1 && /^\d+([-,]\d+)+$/.test(text.trim()))
    return [...numbersInRanges(text.trim())].sort((a, b) => a - b).join(',')
  return words.map(word => (/^(0x[\da-f]+|-?\d+)$/i.test(word) ? String(Number(word)) : word)).join(' ')
}
