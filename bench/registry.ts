import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { publish } from '../test/e2e/harness/registry/publish.ts'

/** Where `tools/setup.sh --test` unpacks Debian's docker-registry. */
const UNPACKED = resolve('node_modules/.tools/docker-registry/usr/bin')
const PORT = 5879
const MB = 1_000_000

/** A registry of Debian on loopback with the images of the measurements. */
export interface BenchRegistry {
  /** Two layers of the machine's own programs: 364 MB, packed about 155. */
  readonly image: string
  /** One layer of 2 GB that does not pack. */
  readonly large: string
  stop(): void
}

/**
 * Starts it with both images, which stay in `state` for the next time: making them takes a minute. `folder` is for what is in between.
 * Undefined, with the reason said, where the registry is not installed.
 */
export async function startBenchRegistry(folder: string, state: string): Promise<BenchRegistry | undefined> {
  if (!existsSync(join(UNPACKED, 'docker-registry'))) {
    console.log('Registries are not measured: tools/setup.sh --test brings docker-registry\n')
    return undefined
  }
  const domain = `127.0.0.1:${PORT}`
  const kept = join(state, 'registry')
  const isMade = existsSync(join(kept, 'made'))
  if (!isMade) rmSync(kept, { recursive: true, force: true })
  const child = await serve(kept, domain)
  const images = {
    image: `${domain}/bench:two`,
    large: `${domain}/bench:large`,
    stop: () => void child.kill(),
  }
  if (isMade) return images
  try {
    console.log('transfers: the images are made')
    await publish(domain, 'bench', 'two', [
      tarOf(folder, ['/usr/lib', '/usr/share'], 240 * MB),
      tarOf(folder, ['/usr/bin'], 124 * MB),
    ])
    await publish(domain, 'bench', 'large', [largeTar(folder)], { pack: tar => tar })
    writeFileSync(join(kept, 'made'), '')
  } catch (error) {
    child.kill()
    throw error
  }
  return images
}

async function serve(folder: string, domain: string): Promise<ChildProcess> {
  mkdirSync(join(folder, 'storage'), { recursive: true })
  const config = {
    version: '0.1',
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'storage') } },
    http: { addr: domain, secret: 'bench' },
  }
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config))
  const PATH = `${UNPACKED}${delimiter}${process.env['PATH'] ?? ''}`
  const env = { PATH, OTEL_TRACES_EXPORTER: 'none' }
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { env, stdio: 'ignore' })
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(`http://${domain}/v2/`).catch(() => undefined)
    if (answer?.ok) return child
    await wait(100)
  }
  child.kill()
  throw new Error(`the registry does not answer at ${domain}`)
}

/** A tar of files below some folders, in the order of their names, until they have so many bytes. */
function tarOf(folder: string, tops: readonly string[], bytes: number): Buffer {
  const found = output('find', [...tops, '-xdev', '-type', 'f', '-size', '-4000k', '-printf', '%s %p\\n'])
  const names: string[] = []
  let left = bytes
  for (const line of found.split('\n').toSorted((a, b) => (nameIn(a) < nameIn(b) ? -1 : 1))) {
    const size = Number.parseInt(line, 10)
    if (Number.isNaN(size) || size > left) continue
    names.push(nameIn(line))
    left -= size
  }
  const [list, tar] = [join(folder, 'files'), join(folder, 'layer.tar')]
  writeFileSync(list, names.join('\n'))
  output('tar', [
    '--create',
    `--files-from=${list}`,
    `--file=${tar}`,
    '--absolute-names',
    '--transform=s,^/,,',
  ])
  const content = readFileSync(tar)
  rmSync(tar)
  return content
}

function nameIn(line: string): string {
  return line.slice(line.indexOf(' ') + 1)
}

/** Of one file, whose content gzip does not pack, for it repeats itself too far away; less than Node's largest buffer. */
function largeTar(folder: string): Buffer {
  const [file, tar] = [join(folder, 'large-layer'), join(folder, 'large-layer.tar')]
  const piece = randomBytes(20 * MB)
  rmSync(file, { force: true })
  for (let written = 0; written < 2000 * MB; written += piece.length) appendFileSync(file, piece)
  output('tar', ['--create', '--directory', folder, `--file=${tar}`, 'large-layer'])
  rmSync(file)
  const content = readFileSync(tar)
  rmSync(tar)
  return content
}

function output(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`${command}: ${stderr}`)
  return stdout
}
