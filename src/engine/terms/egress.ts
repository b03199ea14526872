import { type Failure, failure } from '../../diagnostics/index.ts'
import { EGRESS_FORM, type EgressRule, egressBeyond, parseEgress } from '../../notation/index.ts'
import { capabilityBit, resolveCapabilities } from '../security/index.ts'
import { parseNetworkMode } from './network.ts'
import type { Given } from './term.ts'

type Asked = Pick<Given, 'TscomposeEgress' | 'NetworkMode' | 'Privileged' | 'CapAdd' | 'CapDrop'>

/** By these a process would take the rules away, or pass by them with frames of its own making. */
const STRONGER = ['NET_ADMIN', 'NET_RAW'] as const

/** Where the container may go outside of its networks; undefined: everywhere. EGRESS_INVALID. */
export function readEgress(list: Given['TscomposeEgress']): readonly EgressRule[] | undefined {
  const beyond = egressBeyond(list ?? [])
  if (beyond !== undefined) throw invalid(`Line ${beyond.index + 1} of egress: ${beyond.summary}`)
  return list?.map(readRule)
}

/** EGRESS_INVALID for what cannot be held, though it could be read. */
export function checkEgress({
  TscomposeEgress,
  NetworkMode,
  Privileged,
  CapAdd = [],
  CapDrop = [],
}: Asked): void {
  if (readEgress(TscomposeEgress) === undefined) return
  const { kind } = parseNetworkMode(NetworkMode)
  if (kind !== 'network') throw invalid('it can be held to its egress in a network of its own alone')
  // What every container has is taken away; what is asked for is not.
  const capDrop = ['ALL', ...CapDrop]
  const held = strongerOf({ privileged: Privileged === true, capAdd: CapAdd, capDrop })
  if (held.length > 0) throw invalid(`with ${held.join(' and ')} it could pass by its egress`)
}

/** EGRESS_INVALID for a container with these rights, were it in the network of one that is held to its egress. */
export function checkBesideHeld(name: string, rights: Parameters<typeof resolveCapabilities>[0]): void {
  const held = strongerOf(rights)
  if (held.length === 0) return
  throw invalid(
    `container ${name} is held to its egress: with ${held.join(' and ')}, who joins its network could pass by that`,
    'drop these capabilities: cap_drop',
  )
}

function strongerOf(rights: Parameters<typeof resolveCapabilities>[0]): readonly string[] {
  const bits = resolveCapabilities(rights)
  return STRONGER.filter(name => (bits & capabilityBit(name)) !== 0n)
}

function readRule(text: string): EgressRule {
  const rule = parseEgress(text)
  if (rule !== undefined) return rule
  throw invalid(`Can't read "${text}" as where to go: want ${EGRESS_FORM}`)
}

function invalid(summary: string, hint?: string): Failure {
  const said = { code: 'EGRESS_INVALID', kind: 'invalidArgument', summary } as const
  return failure(hint === undefined ? said : { ...said, hint })
}
