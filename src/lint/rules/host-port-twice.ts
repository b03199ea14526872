import {
  fixedPort,
  hasOwnNetwork,
  hostPortKey,
  isSameHostPort,
  type Path,
  type Port,
} from '../../model/index.ts'
import { areOfDifferentLists } from '../facts/lists.ts'
import type { LintContext, Rule } from '../rule.ts'

interface Binding {
  readonly name: string
  readonly index: number
  readonly port: Port
}

/** HOST_PORT_TWICE */
export const hostPortTwice: Rule = {
  code: 'HOST_PORT_TWICE',
  severity: 'warning',
  about: 'Two services publish the same port of the host: the second one cannot start',
  find: function* (context) {
    const earlierOf = new Map<string | undefined, Binding[]>()
    for (const binding of bindingsOf(context)) {
      const key = hostPortKey(binding.port)
      const earlier = earlierOf.get(key) ?? []
      earlierOf.set(key, [...earlier, binding])
      const other = earlier.find(each => areInConflict(each, binding, context))
      if (other === undefined) continue
      yield {
        path: ['services', binding.name, 'ports', binding.index],
        summary: `port ${fixedPort(binding.port)} of the host is published by ${other.name} too`,
        hint: 'choose another port, or another address of the host for one of the two',
      }
    }
  },
}

function bindingsOf({ project }: LintContext): Binding[] {
  return Object.entries(project.model.services).flatMap(([name, service]) =>
    (hasOwnNetwork(service) ? (service.ports ?? []) : []).flatMap((port, index) =>
      fixedPort(port) === undefined ? [] : [{ name, index, port }],
    ),
  )
}

function areInConflict(a: Binding, b: Binding, context: LintContext): boolean {
  if (!isSameHostPort(a.port, b.port)) return false
  // One that an override was to replace is told as that.
  const list: Path = ['services', b.name, 'ports']
  return (
    a.name !== b.name ||
    a.port.target !== b.port.target ||
    !areOfDifferentLists(list, a.index, b.index, context)
  )
}
