import type { Path, Port } from '../../model/index.ts'
import { areOfDifferentLists } from '../facts/lists.ts'
import { portText } from '../facts/published.ts'
import { perService, type Rule, type Subject } from '../rule.ts'

/** A list that merging appends to, and what two of its items have in common when the later one was to replace the earlier. */
interface AppendedList {
  readonly attribute: 'ports' | 'extra_hosts' | 'security_opt' | 'dns'
  /** Equal keys: about the same thing. */
  readonly keyOf: (item: unknown) => string
  readonly textOf: (item: unknown) => string
}

const LISTS: readonly AppendedList[] = [
  {
    attribute: 'ports',
    keyOf: item => `${(item as Port).target}/${(item as Port).protocol}`,
    textOf: item => portText(item as Port),
  },
  { attribute: 'extra_hosts', keyOf: item => String(item).split('=', 1)[0] ?? '', textOf: String },
  // seccomp=…, apparmor=…, label=…:…; no-new-privileges is the same in both forms.
  { attribute: 'security_opt', keyOf: item => String(item).split(/[=:]/, 1)[0] ?? '', textOf: String },
  // The resolver asks in order: what an override adds comes last, if ever.
  { attribute: 'dns', keyOf: () => '', textOf: String },
]

/** OVERRIDE_APPENDS */
export const overrideAppends: Rule = {
  code: 'OVERRIDE_APPENDS',
  severity: 'warning',
  about: 'An override adds to a list where it was probably to replace an item',
  find: perService(function* (subject) {
    for (const list of LISTS) {
      const items: readonly unknown[] = subject.service[list.attribute] ?? []
      for (const [later, item] of items.entries()) {
        const earlier = items.findIndex(
          (other, at) => at < later && isAppended(subject, list, items, at, later) && other !== item,
        )
        if (earlier < 0) continue
        yield {
          path: [...subject.path, list.attribute, later],
          summary: `"${list.textOf(item)}" is added to "${list.textOf(items[earlier])}", which an earlier file or service gives, and does not replace it`,
          hint: `write ${list.attribute}: !override in front of the list to replace the earlier one`,
        }
      }
    }
  }),
}

function isAppended(
  subject: Subject,
  { attribute, keyOf }: AppendedList,
  items: readonly unknown[],
  earlier: number,
  later: number,
): boolean {
  const path: Path = [...subject.path, attribute]
  return keyOf(items[earlier]) === keyOf(items[later]) && areOfDifferentLists(path, earlier, later, subject)
}
