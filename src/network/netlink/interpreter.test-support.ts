import { attributeText, listAttributes, parseAttributes } from './attribute.ts'
import { type Message, parseMessages } from './message.ts'

const NEWCHAIN = 0xa03
const HOOK = 4
const NEWRULE = 0xa06

/** What the first chain of a batch that packets come to, with those it leads to, says of a frame of hex digits: as the kernel would, for tests. */
export function judge(batch: Uint8Array | string, frame: string): string {
  const messages = parseMessages(Buffer.from(batch))
  const chains = messages
    .filter(({ type }) => type === NEWCHAIN)
    .map(({ body }) => parseAttributes(body.subarray(4)))
  const base = chains.find(chain => chain.has(HOOK)) ?? new Map<number, Buffer>()
  return walk(messages, attributeText(base.get(3)), Buffer.from(frame, 'hex')) ?? word(base.get(5))
}

/** The verdict of a chain, unless all of its rules pass. */
function walk(messages: readonly Message[], chain: string | undefined, frame: Buffer): string | undefined {
  for (const { type, body } of messages) {
    const rule = parseAttributes(body.subarray(4))
    if (type !== NEWRULE || attributeText(rule.get(2)) !== chain) continue
    const decided = apply(expressionsOf(rule), frame)
    if (decided?.startsWith('goto ')) return walk(messages, decided.slice(5), frame)
    if (decided !== undefined) return decided
  }
  return undefined
}

/** An expression's name and attributes. */
type Expression = readonly [string | undefined, Map<number, Buffer>]

/** The verdict of a rule, or nothing when one of its tests fails. */
function apply(expressions: readonly Expression[], frame: Buffer): string | undefined {
  let register: Buffer = Buffer.alloc(0)
  for (const [name, data] of expressions) {
    if (name === 'payload') {
      const [offset, length] = [number(data.get(3)), number(data.get(4))]
      if (number(data.get(2)) !== 0) throw new Error('only offsets in the frame can be trusted')
      if (offset + length > frame.length) return undefined
      register = frame.subarray(offset, offset + length)
    } else if (name === 'cmp') {
      const equal =
        parseAttributes(data.get(3) ?? Buffer.alloc(0))
          .get(1)
          ?.equals(register) === true
      if (equal !== (number(data.get(2)) === 0)) return undefined
    } else if (name === 'immediate') {
      const verdict = parseAttributes(data.get(2) ?? Buffer.alloc(0)).get(2)
      const parts = parseAttributes(verdict ?? Buffer.alloc(0))
      return parts.has(2) ? `goto ${attributeText(parts.get(2))}` : word(parts.get(1))
    } else throw new Error(`unknown expression ${name}`)
  }
  return undefined
}

function expressionsOf(rule: Map<number, Buffer>): Expression[] {
  return listAttributes(rule.get(4) ?? Buffer.alloc(0)).map(([, expression]) => {
    const parts = parseAttributes(expression)
    return [attributeText(parts.get(1)), parseAttributes(parts.get(2) ?? Buffer.alloc(0))]
  })
}

function number(payload: Buffer | undefined): number {
  return payload?.readUInt32BE() ?? -1
}

function word(code: Buffer | undefined): string {
  return ['drop', 'accept'][number(code)] ?? 'unknown'
}
