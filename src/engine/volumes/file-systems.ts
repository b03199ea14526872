import { lookup } from 'node:dns/promises'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { isIP } from 'node:net'
import { constants } from 'node:os'
import { join } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import { errnoText } from '../../linux/errno.ts'
import { parseMountinfo } from '../../linux/mountinfo.ts'
import { nativeErrorOf } from '../../native/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { usesVolume } from '../state/uses.ts'
import { hasFileSystem, type VolumeRecord } from '../state/volume-record.ts'
import { type HostMount, layeredMount } from './layered.ts'
import { parseMountOptions } from './mount-options.ts'

/**
 * Volumes that are file systems of their own (tmpfs, a server's, a block device's, an overlay over frozen folders): mounted on the volume's folder when
 * the first container starts, unmounted after the last. Whether one is mounted only the kernel knows, and who uses it only
 * the containers: so an engine that takes over from one that was killed has nothing to set right but what nobody uses.
 */
type MountContext = Pick<EngineContext, 'containers' | 'holds' | 'locks' | 'native' | 'volumes' | 'warn'>

/** Mounts the volume's file system unless it is mounted; the caller holds the volume's lock. VOLUME_MOUNT, VOLUME_ADDRESS. */
export async function mountFileSystem(engine: MountContext, volume: VolumeRecord): Promise<void> {
  if (!hasFileSystem(volume) || isMounted(engine, volume.name)) return
  const target = engine.volumes.dataOf(volume)
  const { type, device, flags, data } =
    volume.base === undefined
      ? await described(volume.options, target)
      : layeredMount(engine.volumes, volume.name, volume.base)
  try {
    await engine.native.run({ outside: [{ op: 'mountHost', type, device, target, flags, data }] })
  } catch (error) {
    const native = nativeErrorOf(error)
    if (native === undefined) throw error
    const { words } = errnoText(constants.errno[native.errno as keyof typeof constants.errno] ?? 0)
    const options = `${flags === 0 ? '' : `, flags: 0x${flags.toString(16)}`}${data === '' ? '' : `, data: ${data}`}`
    throw failure({
      code: 'VOLUME_MOUNT',
      summary: `volume "${volume.name}" cannot be mounted: ${type} of ${device}${options}: ${words}`,
      facts: { folder: target, device, options, errno: words },
      cause: error,
    })
  }
}

async function described(
  { type = '', device = '', o = '' }: VolumeRecord['options'],
  target: string,
): Promise<HostMount> {
  return { type, device, ...parseMountOptions(await withAddress(type, o, target)) }
}

/** Takes the volume's file system off its folder where it is mounted; the caller holds the volume's lock. */
export async function unmountFileSystem(engine: MountContext, name: string): Promise<void> {
  const volume = engine.volumes.find(name)
  if (volume === undefined || !hasFileSystem(volume)) return
  while (isMounted(engine, name))
    await engine.native.run({ outside: [{ op: 'unmountHost', target: engine.volumes.dataOf(volume) }] })
}

/** Unmounts what this container was the last to use. */
export async function releaseFileSystems(engine: MountContext, container: Container): Promise<void> {
  const names = new Set(container.record.mounts.map(({ name }) => name))
  await releaseUnused(
    engine,
    engine.volumes.values().filter(({ name }) => names.has(name)),
  )
}

/** Unmounts what an engine that was killed had mounted for nobody. */
export async function sweepFileSystems(engine: MountContext): Promise<void> {
  await releaseUnused(engine, engine.volumes.values())
}

async function releaseUnused(engine: MountContext, volumes: readonly VolumeRecord[]): Promise<void> {
  for (const volume of volumes.filter(hasFileSystem))
    await engine.locks.run(`volume:${volume.name}`, async () => {
      if (!isUsed(engine, volume.name)) await unmountFileSystem(engine, volume.name)
    })
}

/** Has the file systems of a container's volumes mounted while `work` looks at them, whether the container runs or not. */
export async function withFileSystems<T>(
  engine: MountContext,
  container: Container,
  work: () => Promise<T>,
): Promise<T> {
  const wanted = engine.volumes.values().filter(volume => usesVolume(container, volume.name))
  return await whileMounted(engine, wanted, work)
}

/** Has the file systems of these volumes mounted as long as `work` takes, whoever starts or ends meanwhile: what is in memory goes with its mount. */
export async function whileMounted<T>(
  engine: MountContext,
  volumes: readonly VolumeRecord[],
  work: () => Promise<T>,
): Promise<T> {
  const wanted = volumes.filter(hasFileSystem)
  if (wanted.length === 0) return await work()
  const owner = `looker ${lookers++}`
  try {
    for (const volume of wanted) {
      engine.holds.add(owner, `mounted:${volume.name}`)
      await engine.locks.run(`volume:${volume.name}`, () => mountFileSystem(engine, volume))
    }
    return await work()
  } finally {
    engine.holds.release(owner)
    await releaseUnused(engine, wanted)
  }
}

/** Tells those apart who have the same volume mounted. */
let lookers = 0

/** Whether a container that runs, or somebody who looks, has the volume. */
export function isUsed(engine: Pick<EngineContext, 'containers' | 'holds'>, name: string): boolean {
  if (engine.holds.ownersOf(`mounted:${name}`).length > 0) return true
  return [...engine.containers.values()].some(each => each.holdsAddresses && usesVolume(each, name))
}

/** Asks the list of mounts and not the folder: a server that does not answer would hold up everybody. */
function isMounted(engine: MountContext, name: string): boolean {
  const folder = engine.volumes.folderOf(name)
  if (!existsSync(folder)) return false
  const point = join(realpathSync(folder), '_data')
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')).some(
    ({ mountpoint }) => mountpoint === point,
  )
}

/** Types whose server the kernel wants by its address: the option `addr` is looked up for it. */
const OF_SERVERS = ['nfs', 'nfs4', 'cifs']

async function withAddress(type: string, o: string, target: string): Promise<string> {
  const host = /(?:^|,)addr=([^,]*)/.exec(o)?.[1]
  if (!OF_SERVERS.includes(type) || !host || isIP(host) !== 0) return o
  try {
    const { address } = await lookup(host)
    return o.replace(/(^|,)addr=[^,]*/, `$1addr=${address}`)
  } catch (error) {
    throw failure({
      code: 'VOLUME_ADDRESS',
      summary: `the server "${host}" of a volume cannot be found`,
      facts: { folder: target, host },
      cause: error,
    })
  }
}
