import type { OriginRule, Path } from '../../model/index.ts'

/** Attributes that the model has although the tree has none, as path patterns: `*` is any key. */
const UNWRITTEN: readonly (readonly [readonly string[], OriginRule])[] = [
  [['services', '*', 'command'], 'image-command'],
  [['services', '*', 'entrypoint'], 'image-command'],
  [['networks', '*', 'ipam'], 'empty'],
  [['services', '*', 'ulimits', '*', 'soft'], 'ulimit-part'],
  [['services', '*', 'ulimits', '*', 'hard'], 'ulimit-part'],
  [['services', '*', 'build', 'ulimits', '*', 'soft'], 'ulimit-part'],
  [['services', '*', 'build', 'ulimits', '*', 'hard'], 'ulimit-part'],
]

/** The rule by which the canonical model has a value that no stage made. */
export function unwrittenRule(path: Path): OriginRule | undefined {
  return UNWRITTEN.find(
    ([pattern]) =>
      pattern.length === path.length && pattern.every((key, index) => key === '*' || key === path[index]),
  )?.[1]
}
