import { type Failure, failure } from '../../diagnostics/index.ts'
import { EGRESS_FORM, type EgressRule, parseEgress } from '../../notation/index.ts'
import { capabilityBit, resolveCapabilities } from '../security/index.ts'
import { parseNetworkMode } from './network.ts'
import type { Given } from './term.ts'

type Asked = Pick<Given, 'TscomposeEgress' | 'NetworkMode' | 'Privileged' | 'CapAdd' | 'CapDrop'>

/** By these a process would take the rules away, or pass by them with frames of its own making. */
const STRONGER = ['NET_ADMIN', 'NET_RAW'] as const

/** Where the container may go outside of its networks; undefined: everywhere. EGRESS_INVALID. */
export function readEgress(list: Given['TscomposeEgress']): readonly EgressRule[] | undefined {
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
  const asked = resolveCapabilities({ privileged: Privileged === true, capAdd: CapAdd, capDrop })
  const held = STRONGER.filter(name => (asked & capabilityBit(name)) !== 0n)
  if (held.length > 0) throw invalid(`with ${held.join(' and ')} it could pass by its egress`)
}

function readRule(text: string): EgressRule {
  const rule = parseEgress(text)
  if (rule !== undefined) return rule
  throw invalid(`Can't read "${text}" as where to go: want ${EGRESS_FORM}`)
}

function invalid(summary: string): Failure {
  return failure({ code: 'EGRESS_INVALID', kind: 'invalidArgument', summary })
}
