import type { Path } from '../../model/index.ts'
import { ambiguousEgress, EGRESS_FORM, egressBeyond, parseEgress } from '../../notation/index.ts'
import { scalarText } from '../merge/key-values.ts'
import type { Reporter } from '../reporter.ts'
import { asList, child, descendant, type Node, textOf } from '../tree/node.ts'

/** Each line is somewhere to go, and nothing lets the service pass by them. */
export function checkEgress(service: Node, path: Path, { reporter }: { readonly reporter: Reporter }): void {
  const given = descendant(service, ['x-tscompose', 'egress'])
  if (given === undefined) return
  const list = asList(given)
  // Taken for a list that is not there, it would be everywhere.
  if (list?.items.length === 0)
    reporter.error('INVALID_EGRESS', 'write at least one line in egress', {
      path: [...path, 'x-tscompose', 'egress'],
      node: given,
      hint: '127.0.0.0/8 alone keeps a service to its networks',
    })
  if (list === undefined) return
  list.items.forEach((item, index) => {
    const text = textOf(item) ?? ''
    if (parseEgress(text) !== undefined) return
    const both = ambiguousEgress(text)
    reporter.error('INVALID_EGRESS', `write ${EGRESS_FORM}, got "${text}"`, {
      path: [...path, 'x-tscompose', 'egress', index],
      node: item,
      ...(both === undefined
        ? {}
        : { hint: `write "${both[0]}" for the address, "${both[1]}" for its port` }),
    })
  })
  const beyond = egressBeyond(list.items.map(item => textOf(item) ?? ''))
  if (beyond !== undefined)
    reporter.error('INVALID_EGRESS', beyond.summary, {
      path: [...path, 'x-tscompose', 'egress', beyond.index],
      node: list.items[beyond.index] ?? given,
      hint: 'one subnet, or one name *.example.org, stands for many lines',
    })
  for (const key of ['network_mode', 'privileged', 'cap_add'] as const) {
    const node = child(service, key)
    if (node === undefined || !passesBy(key, node)) continue
    reporter.error('CONFLICTING_ATTRIBUTES', `write either egress or this ${key}, not both`, {
      path: [...path, key],
      node,
      hint:
        key === 'network_mode'
          ? 'a service is held to where it may go in a network of its own: write egress there'
          : 'by this right the service could take the rules away, or pass by them',
    })
  }
}

function passesBy(key: 'network_mode' | 'privileged' | 'cap_add', node: Node): boolean {
  if (key === 'network_mode') return !['', 'bridge', undefined].includes(textOf(node))
  if (key === 'privileged') return node.kind === 'scalar' && scalarText(node.value) === 'true'
  const names = (asList(node)?.items ?? []).map(item => textOf(item) ?? '')
  return names.some(name => /^(cap_)?(all|net_admin|net_raw)$/i.test(name))
}
