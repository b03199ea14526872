import type { KeptEntry, KeptIndex } from './kept-index.ts'
import type { ContextEntry, ContextManifest } from './manifest.ts'

/** What of a kept tree has to become otherwise, so that it is what a manifest says. */
export interface Difference {
  /** Entries that stay, with their digests. */
  readonly same: ReadonlyMap<string, KeptEntry>
  /** Entries to make anew, in the order of the manifest: with the folders in which something changes, for their times. */
  readonly changed: readonly ContextEntry[]
  /** Names to remove before, without those in a folder that goes as a whole. */
  readonly gone: readonly string[]
}

/** Compares a kept tree with a manifest. A file stays when nothing says that its content may be another. */
export function differenceOf(index: KeptIndex, manifest: ContextManifest): Difference {
  const known = new Map(index.entries.map(entry => [entry.name, entry]))
  const wanted = new Map<string, ContextEntry['type']>()
  const disturbed = new Set<string>()
  const same = new Map<string, KeptEntry>()
  for (const entry of manifest.entries) {
    wanted.set(entry.name, entry.type)
    const before = known.get(entry.name)
    // A file that is made anew is another one: its further names are too.
    const stays = entry.type !== 'link' || same.has(entry.link)
    if (before !== undefined && stays && isSame(before, entry)) same.set(entry.name, before)
    else disturbed.add(parentOf(entry.name))
  }
  const lost = [
    ...index.entries.filter(({ name, type }) => wanted.get(name) !== type).map(({ name }) => name),
    ...index.unsure.filter(name => !wanted.has(name)),
  ]
  for (const name of lost) disturbed.add(parentOf(name))
  for (const name of disturbed) same.delete(name)
  return {
    same,
    changed: manifest.entries.filter(({ name }) => !same.has(name)),
    gone: topmost(lost),
  }
}

/** Whether the tree is already what the manifest says. */
export function isNothing({ changed, gone }: Difference): boolean {
  return changed.length === 0 && gone.length === 0
}

function isSame(before: KeptEntry, now: ContextEntry): boolean {
  return (
    before.type === now.type &&
    before.mode === now.mode &&
    before.mtime === now.mtime &&
    before.size === now.size &&
    before.link === now.link &&
    (now.type !== 'file' || (now.stamp !== '' && before.stamp === now.stamp))
  )
}

/** The folder of a name; the top is the empty name. */
export function parentOf(name: string): string {
  return name.slice(0, Math.max(name.lastIndexOf('/'), 0))
}

function topmost(names: readonly string[]): readonly string[] {
  const all = new Set(names)
  return [...all].filter(name => {
    for (let folder = parentOf(name); folder !== ''; folder = parentOf(folder))
      if (all.has(folder)) return false
    return true
  })
}
