import { execFileSync, spawn } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { chmodSync, mkdtempSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type DnsReply, parseReply, question } from '../../test/dns-message.ts'

/** Builds native/test/relay-harness.c with sanitizers into a folder of its own; its path. */
export function buildRelay(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tsc-relay-'))
  chmodSync(folder, 0o755)
  execFileSync('make', ['-s', '-C', 'native', '-f', 'relay.mk', 'relay-harness', `RELAY_OUT=${folder}`])
  return join(folder, 'relay-harness')
}

/** A relay on loopback, without privilege. */
export interface Relay {
  readonly pid: number
  /** Ports by kind (`dns-udp`, `dns-tcp`, `tcp`, `udp`), in the order of the arguments. */
  readonly ports: Readonly<Record<string, readonly number[]>>
  readonly ask: (name: string, type: number, edns?: number) => Promise<DnsReply>
  /** The same of bytes, answered with bytes. */
  readonly askBytes: (question: Buffer) => Promise<Buffer>
  readonly askTcp: (name: string, type: number) => Promise<DnsReply>
  /** Ends it; fails when it had ended by itself, as after a sanitizer's finding. */
  readonly stop: () => Promise<void>
}

/** Starts the harness, with this many fds at most, and resolves when all its listeners are bound. */
export async function startRelay(
  binary: string,
  args: readonly string[],
  options: { readonly nofile?: number } = {},
): Promise<Relay> {
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const limit = `ulimit -n ${options.nofile ?? 4096}; exec "$0" "$@"`
  const child = spawn('/bin/sh', ['-c', limit, binary, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...nobody,
  })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString()
  })
  const exited = new Promise<string>(resolve => {
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  const ports: Record<string, number[]> = {}
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind = '', port] = line.split(' ')
    if (kind === 'ready') break
    ports[kind] = [...(ports[kind] ?? []), Number(port)]
  }
  const udp = ports['dns-udp']?.[0] ?? 0
  return {
    pid: child.pid ?? 0,
    ports,
    ask: async (name, type, edns) => parseReply(await askUdp(udp, question(4711, name, type, edns))),
    askBytes: bytes => askUdp(udp, bytes),
    askTcp: (name, type) => askTcp(ports['dns-tcp']?.[0] ?? 0, name, type),
    stop: async () => {
      child.kill('SIGKILL')
      const end = await exited
      if (end !== 'SIGKILL') throw new Error(`relay ended with ${end}: ${complaints}`)
    },
  }
}

/** A UDP socket on loopback, at a port of the kernel's choice. */
export async function bindUdp(address = '127.0.0.1', port = 0): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket('udp4')
  await new Promise<void>(resolve => {
    socket.bind(port, address, () => resolve())
  })
  return { socket, port: socket.address().port }
}

async function askUdp(port: number, bytes: Buffer): Promise<Buffer> {
  const { socket } = await bindUdp()
  try {
    const reply = new Promise<Buffer>(resolve => {
      socket.once('message', resolve)
    })
    socket.send(bytes, port, '127.0.0.1')
    return await reply
  } finally {
    socket.close()
  }
}

function askTcp(port: number, name: string, type: number): Promise<DnsReply> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let received = Buffer.alloc(0)
    const bytes = question(4712, name, type)
    socket.write(Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]))
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      socket.destroy()
      resolve(parseReply(received.subarray(2)))
    })
    socket.once('error', reject)
    socket.once('end', () => reject(new Error('connection closed')))
  })
}
