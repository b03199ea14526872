import type { Path } from '../../model/index.ts'
import type { Reporter } from '../reporter.ts'
import { isNull, type Node, replacing } from '../tree/node.ts'
import type { Cursor } from '../tree/pattern.ts'
import { type Merger, mergePlain } from './plain.ts'
import { MERGE_RULES, type MergeRule, replace } from './rules.ts'

/**
 * Lays an override over a base, https://github.com/compose-spec/compose-spec/blob/main/13-merge.md: maps merge key by
 * key, lists append, scalars are replaced, `rules.ts` has the exceptions. `!reset` and `!override` in the override act
 * here and stay as marks, so that a service which was merged by extends still acts on earlier files; `finishTags` ends that.
 */
export function merge(
  base: Node,
  override: Node,
  reporter: Reporter,
  path: Path = [],
  cursor: Cursor<MergeRule> | undefined = MERGE_RULES,
): Node {
  if (override.tag !== undefined) return replacing(override, base)
  // What a base resets in its own file is not there for what lies over it.
  if (base.tag === 'reset') return isNull(override) ? base : override
  const rule = cursor?.rule
  if (isNull(override))
    return rule === replace ? rule(base, override, mergerAt(reporter, path, cursor)) : base
  if (rule && !isNull(base)) return rule(base, override, mergerAt(reporter, path, cursor))
  return mergePlain(base, override, mergerAt(reporter, path, cursor))
}

function mergerAt(reporter: Reporter, path: Path, cursor: Cursor<MergeRule> | undefined): Merger {
  return {
    reporter,
    path,
    below: (key, base, override) => merge(base, override, reporter, [...path, key], cursor?.key(key)),
  }
}
