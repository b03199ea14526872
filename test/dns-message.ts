/** Enough of DNS to ask the relay, and to be its upstream server, in tests. */
export interface DnsReply {
  readonly id: number
  readonly rcode: number
  readonly truncated: boolean
  readonly authoritative: boolean
  /** Addresses and names of the answer section, in order. */
  readonly answers: readonly string[]
}

export const TYPE = { A: 1, PTR: 12, MX: 15, AAAA: 28 } as const

/** A question as a stub resolver sends it; with `edns` it takes datagrams of that size. */
export function question(id: number, name: string, type: number, edns?: number): Buffer {
  const head = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, edns === undefined ? 0 : 1])
  const opt = edns === undefined ? [] : [0, 0, 41, edns >> 8, edns & 255, 0, 0, 0, 0, 0, 0]
  return Buffer.concat([head, encodeName(name), Buffer.from([0, type, 0, 1, ...opt])])
}

/** Wire form of a name. */
export function encodeName(name: string): Buffer {
  const labels = name.split('.').flatMap(label => [Buffer.from([label.length]), Buffer.from(label)])
  return Buffer.concat([...labels, Buffer.from([0])])
}

/** An upstream server's answer to a question: its header changed, one A record or none added. */
export function answerTo(query: Buffer, options: { rcode?: number; address?: string }): Buffer {
  let end = 12
  while ((query[end] ?? 0) !== 0) end += 1 + (query[end] ?? 0)
  const reply = Buffer.from(query.subarray(0, end + 5))
  reply.writeUInt16BE(0, 10)
  reply.writeUInt8(0x81, 2)
  reply.writeUInt8(0x80 | (options.rcode ?? 0), 3)
  if (options.address === undefined) return reply
  reply.writeUInt16BE(1, 6)
  const address = options.address.split('.').map(Number)
  return Buffer.concat([reply, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address])])
}

/** Parses a reply; names in answers are read without compression, as the relay writes them. */
export function parseReply(bytes: Buffer): DnsReply {
  let at = 12
  while ((bytes[at] ?? 0) !== 0) at += 1 + (bytes[at] ?? 0)
  at += bytes.readUInt16BE(4) > 0 ? 5 : 0
  const answers: string[] = []
  for (let count = bytes.readUInt16BE(6); count > 0; count--) {
    const length = bytes.readUInt16BE(at + 10)
    answers.push(render(bytes.readUInt16BE(at + 2), bytes.subarray(at + 12, at + 12 + length)))
    at += 12 + length
  }
  const flags = bytes.readUInt16BE(2)
  return {
    id: bytes.readUInt16BE(0),
    rcode: flags & 15,
    truncated: (flags & 0x200) !== 0,
    authoritative: (flags & 0x400) !== 0,
    answers,
  }
}

function render(type: number, data: Buffer): string {
  if (type === TYPE.A) return data.join('.')
  if (type !== TYPE.PTR) return data.toString('hex')
  const labels: string[] = []
  for (let at = 0; (data[at] ?? 0) !== 0; at += 1 + (data[at] ?? 0))
    labels.push(data.subarray(at + 1, at + 1 + (data[at] ?? 0)).toString())
  return labels.join('.')
}

/** One record of an answer: an address of the name, or another name for it, of which those behind it are. */
export type Answer =
  | { readonly a: string; readonly ttl?: number }
  | { readonly aaaa: string; readonly ttl?: number }
  | { readonly cname: string; readonly ttl?: number }

/** What a question asks for. */
export function nameOf(query: Buffer): { readonly name: string; readonly type: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1) }
}

/** An upstream server's answer of these records, of 60 seconds where they do not say. */
export function answerWith(query: Buffer, records: readonly Answer[]): Buffer {
  const head = answerTo(query, {})
  head.writeUInt16BE(records.length, 6)
  let owner: Buffer = Buffer.from([0xc0, 12])
  const all = records.map(record => {
    const [type, data] =
      'a' in record
        ? [1, Buffer.from(record.a.split('.').map(Number))]
        : 'aaaa' in record
          ? [28, ipv6Bytes(record.aaaa)]
          : [5, encodeName(record.cname)]
    const fixed = Buffer.alloc(10)
    fixed.writeUInt16BE(type, 0)
    fixed.writeUInt16BE(1, 2)
    fixed.writeUInt32BE(record.ttl ?? 60, 4)
    fixed.writeUInt16BE(data.length, 8)
    const bytes = Buffer.concat([owner, fixed, data])
    if ('cname' in record) owner = data
    return bytes
  })
  return Buffer.concat([head, ...all])
}

function ipv6Bytes(text: string): Buffer {
  const [front = '', back = ''] = text.split('::')
  const groups = (part: string): string[] =>
    part.split(':').flatMap(each => (each === '' ? [] : [each.padStart(4, '0')]))
  const [first, last] = [groups(front), groups(back)]
  const zeroes = Array.from({ length: 8 - first.length - last.length }, () => '0000')
  return Buffer.from([...first, ...zeroes, ...last].join(''), 'hex')
}
