import { writeFileSync } from 'node:fs'
import type { Drift } from '../../api/types/index.ts'
import { readTexts } from '../../native/index.ts'
import { compileDeviceRules, type RuntimeSpec } from '../runtime/index.ts'
import type { EngineContext } from '../state/context.ts'
import { type Facts, factsOf } from './facts.ts'
import { deviceFolderOf } from './seen.ts'
import type { ContainerSight, Thing } from './thing.ts'

/**
 * Which devices a container may open, of the controller of cgroup v1: rules that somebody has added or taken away. Where there is v2 alone a
 * program says so, which nobody can change without holding it.
 */
export const DEVICE_RULES: Thing<ContainerSight> = {
  paths: ['device'],
  basis: ({ made, seen }) => seen?.devices && [made, seen.devices],
  observe(sight) {
    const facts = factsOf(sight)
    if (facts === undefined) return undefined
    return facts.spec.security.privileged === true ? [] : changesOf(sight, facts).map(({ drift }) => drift)
  },
  async repair(sight, drift) {
    const facts = factsOf(sight)
    if (facts === undefined) return
    for (const { drift: each, file, rule } of changesOf(sight, facts))
      if (drift.some(({ Path }) => Path === each.Path)) writeFileSync(file, rule, { flag: 'r+' })
  },
}

/** A rule that is lost, or one too many, and where it is written to be right. */
interface Change {
  readonly drift: Drift
  readonly file: string
  readonly rule: string
}

/** Of a group that is gone the groups tell. */
function changesOf({ engine, container, seen }: ContainerSight, { spec }: Facts): Change[] {
  const folder = deviceFolderOf(engine.host.cgroups.pathsOf(container.id))
  const [text] = seen?.devices === undefined ? [] : readTexts(seen.devices)
  if (folder === undefined || text === undefined) return []
  const allow = `${folder}/devices.allow`
  const wanted = wantedOf(engine, spec, allow)
  const found = foundIn(text)
  if (wanted === same?.wanted && found === same.found) return []
  const devices = [...new Set([...wanted.keys(), ...found.keys()])]
  const changes = devices.flatMap((device): Change[] => {
    const [want, got] = [wanted.get(device) ?? '', found.get(device) ?? '']
    const drift = (Want: string, Got: string): Drift => ({
      Path: `device.${device}`,
      Want: Want || 'none',
      Got: Got || 'none',
      Repair: 'place',
    })
    const lost = without(want, got)
    const strange = without(got, want)
    return [
      ...(lost === '' ? [] : [{ drift: drift(want, got), file: allow, rule: `${device} ${lost}` }]),
      ...(strange === ''
        ? []
        : [{ drift: drift(want, got), file: `${folder}/devices.deny`, rule: `${device} ${strange}` }]),
    ]
  })
  if (changes.length === 0) same = { wanted, found }
  return changes
}

/** What was last found to be the same: of a hundred containers most ask for the same, too. */
let same:
  | { readonly wanted: ReadonlyMap<string, string>; readonly found: ReadonlyMap<string, string> }
  | undefined

let last: { readonly text: string; readonly found: ReadonlyMap<string, string> } | undefined

/** Of a hundred containers most say the same. */
function foundIn(text: string): ReadonlyMap<string, string> {
  if (last?.text !== text) last = { text, found: merged(text.split('\n')) }
  return last.found
}

const known = new WeakMap<RuntimeSpec, ReadonlyMap<string, string>>()

/** Of those that ask for no device of their own. */
let usual: ReadonlyMap<string, string> | undefined

function wantedOf({ host }: EngineContext, spec: RuntimeSpec, allow: string): ReadonlyMap<string, string> {
  const { mappings = [], rules = [] } = spec.devices ?? {}
  if (mappings.length + rules.length === 0) {
    usual ??= allowedBy(host, spec, allow)
    return usual
  }
  const wanted = known.get(spec) ?? allowedBy(host, spec, allow)
  known.set(spec, wanted)
  return wanted
}

function allowedBy(
  host: EngineContext['host'],
  spec: RuntimeSpec,
  allow: string,
): ReadonlyMap<string, string> {
  return merged(
    compileDeviceRules(spec, host).flatMap(op =>
      op.op === 'writeLines' && op.path === allow ? op.lines : [],
    ),
  )
}

/** What may be done (`rwm`) by device, `c 1:3`, of lines `c 1:3 rwm`. */
function merged(lines: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of lines) {
    const [type, numbers, access = ''] = line.split(' ')
    if (numbers === undefined) continue
    const device = `${type} ${numbers}`
    const both = `${found.get(device) ?? ''}${access}`
    found.set(device, [...'rwm'].filter(letter => both.includes(letter)).join(''))
  }
  return found
}

function without(access: string, other: string): string {
  return [...access].filter(letter => !other.includes(letter)).join('')
}
