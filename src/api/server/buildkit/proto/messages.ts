import protobuf from 'protobufjs/light.js'
import { CONTROL } from './control.ts'
import { GATEWAY } from './gateway.ts'
import { SESSION } from './session.ts'

/**
 * All messages. A field is `<number> <type>`, where a type is a scalar of protobuf, another message, either of them with `[]` for
 * many, or `map<type>` by texts. Names of messages are ours where two packages have the same: the wire carries none.
 */
const MESSAGES: typeof CONTROL & typeof GATEWAY & typeof SESSION = { ...CONTROL, ...GATEWAY, ...SESSION }

/** Name of a message. */
export type MessageName = keyof typeof MESSAGES

interface Scalars {
  string: string
  bytes: Uint8Array
  bool: boolean
  int32: number
  uint32: number
  int64: number
}

type Read<T extends string> = T extends keyof Scalars
  ? Scalars[T]
  : T extends MessageName
    ? Decoded<T> | null
    : never

type ReadField<F> = F extends `${number} map<${infer T}>`
  ? Readonly<Record<string, NonNullable<Read<T>>>>
  : F extends `${number} ${infer T}[]`
    ? readonly NonNullable<Read<T>>[]
    : F extends `${number} ${infer T}`
      ? Read<T>
      : never

type Written<T extends string> = T extends keyof Scalars
  ? Scalars[T]
  : T extends MessageName
    ? Encodable<T>
    : never

type WrittenField<F> = F extends `${number} map<${infer T}>`
  ? Readonly<Record<string, Written<T>>>
  : F extends `${number} ${infer T}[]`
    ? readonly Written<T>[]
    : F extends `${number} ${infer T}`
      ? Written<T>
      : never

/** A message that came: what was not sent has its default, a message that was not sent is null. */
export type Decoded<N extends MessageName> = {
  readonly [F in keyof (typeof MESSAGES)[N]]: ReadField<(typeof MESSAGES)[N][F]>
}

/** A message to send: what is left out is not sent. */
export type Encodable<N extends MessageName> = {
  readonly [F in keyof (typeof MESSAGES)[N]]?: WrittenField<(typeof MESSAGES)[N][F]> | undefined
}

/** What decodes and encodes messages of a name. */
export interface Codec<N extends MessageName> {
  readonly encode: (message: Encodable<N>) => Buffer
  /** Raises an Error for what is no such message. */
  readonly decode: (bytes: Uint8Array) => Decoded<N>
}

const root = new protobuf.Root()
// Numbers of 64 bits as numbers, wherever the library finds a package for them: 2^53 bytes are enough, and moments lose 256 ns.
protobuf.util.Long = undefined as never
protobuf.configure()
for (const [name, fields] of Object.entries(MESSAGES))
  root.add(protobuf.Type.fromJSON(name, { fields: described(fields) }))
root.resolveAll()

function described(fields: Readonly<Record<string, string>>): Record<string, protobuf.IField> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]) => {
      const [number = '', notation = ''] = text.split(' ')
      const [, entry] = /^map<(\w+)>$/.exec(notation) ?? []
      const id = Number(number)
      if (entry !== undefined) return [name, { id, type: entry, keyType: 'string' }]
      const isMany = notation.endsWith('[]')
      return [name, { id, type: notation.replace('[]', ''), ...(isMany ? { rule: 'repeated' } : {}) }]
    }),
  )
}

/** Clients take no message whose texts are not UTF-8, as names of files in them may be. */
function readable(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\p{Surrogate}/gu, '\ufffd')
  if (Array.isArray(value)) return value.map(readable)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, readable(part)]))
}

const codecs = new Map<MessageName, Codec<MessageName>>()

/** The codec of a message. */
export function codecOf<N extends MessageName>(name: N): Codec<N> {
  const known = codecs.get(name)
  if (known !== undefined) return known as unknown as Codec<N>
  const type = root.lookupType(name)
  const codec: Codec<N> = {
    encode: message => {
      const bytes = type.encode(readable(message) as Record<string, unknown>).finish()
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    },
    // What the library gives has the shape that the table says.
    decode: bytes => type.decode(bytes) as unknown as Decoded<N>,
  }
  codecs.set(name, codec as unknown as Codec<MessageName>)
  return codec
}
