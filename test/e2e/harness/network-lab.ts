import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createNative, findNative, type Native } from '../../../src/native/index.ts'
import { type Endpoint, type Network, newMacAddress } from '../../../src/network/index.ts'
import { parseReply, question, TYPE } from '../../dns-message.ts'

const newId = (): string => randomBytes(32).toString('hex')

/** A network with 10.77.<number>.0/24 and fd00:77:<number>::/64. */
export function networkOf(name: string, number: number, more: Partial<Network> = {}): Network {
  const subnets = [
    { subnet: `10.77.${number}.0/24`, gateway: `10.77.${number}.1` },
    { subnet: `fd00:77:${number}::/64`, gateway: `fd00:77:${number}::1` },
  ]
  return { id: newId(), name, driver: 'bridge', internal: false, subnets, options: {}, ...more }
}

/** An endpoint at number <host> of each subnet. */
export function endpointOf(network: Network, host: number, interfaceName = 'eth0'): Endpoint {
  const addresses = network.subnets.map(({ gateway, subnet }) =>
    gateway.replace(/1$/, `${host}/${subnet.split('/')[1]}`),
  )
  const macAddress = newMacAddress({ networkId: network.id, address: addresses[0] ?? '' })
  return { id: newId(), network, interfaceName, macAddress, addresses }
}

/** What a program came to. */
interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A network namespace that lives until the lab is closed. */
export interface Place {
  readonly pid: number
  readonly netns: string
}

/**
 * Network namespaces that play host, containers and other machines, so that the tables of the machine that runs the
 * tests stay as they are. `native` works inside `host`.
 */
export class Lab {
  /** Made when something is put there: a file of tests of which none is run closes no lab. */
  #folder: string | undefined
  readonly #children: ChildProcess[] = []

  async place(): Promise<Place> {
    const child = spawn('unshare', ['-n', 'sleep', 'infinity'], { stdio: 'ignore' })
    this.#children.push(child)
    const netns = `/proc/${child.pid}/ns/net`
    const ours = readlinkSync('/proc/self/ns/net')
    await until(() => existsSync(netns) && readlinkSync(netns) !== ours)
    await this.run({ pid: child.pid ?? 0, netns }, 'ip link set lo up')
    return { pid: child.pid ?? 0, netns }
  }

  /** The native binary, started inside a namespace. */
  native(host: Place): Native {
    this.#folder ??= mkdtempSync('/var/tmp/tsc-network-')
    const path = join(this.#folder, `native-${host.pid}`)
    const binary = resolve(findNative())
    writeFileSync(path, `#!/bin/sh\nexec /usr/bin/nsenter --net=${host.netns} -- ${binary} "$@"\n`)
    chmodSync(path, 0o755)
    return createNative({ path })
  }

  /** Runs a shell command inside a namespace; its output, or an error. */
  async run(place: Place, command: string): Promise<string> {
    const { code, stdout, stderr } = await execute(place, ['sh', '-c', command])
    if (code !== 0) throw new Error(`${command}: ${stderr}`)
    return stdout.trim()
  }

  /** A web server that answers with the client's address; `[::]` serves IPv4 as well. */
  async serve(place: Place, port: number): Promise<void> {
    const code = `require('http').createServer((q, s) => s.end(q.socket.remoteAddress.replace('::ffff:', '')))
      .listen(${port}, '::', () => console.log('ready'))`
    const child = spawn('nsenter', [`--net=${place.netns}`, process.execPath, '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {},
    })
    this.#children.push(child)
    await once(child.stdout, 'data')
  }

  /** What the server answers, or undefined when it can't be reached within three seconds. */
  async fetch(place: Place, url: string, from?: string): Promise<string | undefined> {
    const flags = [
      '-q',
      '-s',
      '-g',
      '-m',
      '3',
      '--noproxy',
      '*',
      ...(from === undefined ? [] : ['--interface', from]),
    ]
    const { code, stdout } = await execute(place, ['curl', ...flags, url])
    return code === 0 ? stdout : undefined
  }

  /** Addresses that the resolver at 127.0.0.11 gives, or the code of its refusal. */
  async resolve(place: Place, name: string, type = 'A'): Promise<string> {
    const code = `const r = new (require('dns').promises.Resolver)({ timeout: 10_000, tries: 1 })
      r.setServers(['127.0.0.11'])
      r.resolve('${name}', '${type}').then(a => a.sort().join(), e => e.code).then(a => process.stdout.write(a))`
    return (await execute(place, [process.execPath, '-e', code])).stdout
  }

  /** The addresses that it gives by TCP. */
  async resolveTcp(place: Place, name: string): Promise<string> {
    const bytes = question(1, name, TYPE.A)
    const code = `const socket = require('net').connect(53, '127.0.0.11', () => socket.write(Buffer.from('${framed(bytes)}', 'hex')))
      socket.once('data', data => { process.stdout.write(data.toString('hex')); socket.destroy() })`
    const { stdout } = await execute(place, [process.execPath, '-e', code])
    return parseReply(Buffer.from(stdout, 'hex').subarray(2)).answers.join()
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** A message with its length in front, as DNS over TCP has it; hex digits. */
function framed(bytes: Buffer): string {
  return Buffer.concat([Buffer.from([0, bytes.length]), bytes]).toString('hex')
}

function execute(place: Place, argv: readonly string[], input = ''): Promise<Outcome> {
  return new Promise(done => {
    const child = execFile('nsenter', [`--net=${place.netns}`, ...argv], (error, stdout, stderr) => {
      done({ code: error ? 1 : 0, stdout, stderr })
    })
    child.stdin?.on('error', () => undefined) // a program that ended before it had read; its exit code says why
    child.stdin?.end(input)
  })
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5)
}
