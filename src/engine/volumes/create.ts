import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { VolumeCreateRequest } from '../../api/types/index.ts'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import { timestamp } from '../../linux/wall-clock.ts'
import type { EngineContext } from '../state/context.ts'
import type { VolumeRecord } from '../state/volume-record.ts'
import { checkName } from '../terms/name.ts'
import { newId } from '../words/ids.ts'

/** What a volume is made from. */
export interface WantedVolume {
  readonly name: string
  readonly anonymous: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string>>
}

/** `POST /volumes/create`. */
export function createVolume(
  engine: Pick<EngineContext, 'events' | 'volumes'>,
  body: VolumeCreateRequest,
): VolumeRecord {
  checkDriver(body)
  const anonymous = !body.Name
  return ensureVolume(engine, {
    name: body.Name || newId(),
    anonymous,
    labels: body.Labels ?? {},
    options: body.DriverOpts ?? {},
  })
}

/** What `createVolume` refuses of a request for a volume that is not there yet: NAME_INVALID, VOLUME_DRIVER, VOLUME_OPTIONS, VOLUME_DEVICE. */
export function checkVolumeRequest(body: VolumeCreateRequest): void {
  checkDriver(body)
  if (body.Name) checkName('volume', body.Name)
  checkOptions(body.DriverOpts ?? {})
}

function checkDriver({ Driver: driver, Name: name = '' }: VolumeCreateRequest): void {
  if (!driver || driver === 'local') return
  throw failure({
    code: 'VOLUME_DRIVER',
    kind: 'notFound',
    summary: `volume driver "${driver}" does not exist`,
    facts: { driver, name },
    hint: 'this engine has the driver "local" alone',
  })
}

/** The volume of that name, made when missing; one that exists is given as it is, as Docker does. */
export function ensureVolume(
  engine: Pick<EngineContext, 'events' | 'volumes'>,
  spec: WantedVolume,
): VolumeRecord {
  checkName('volume', spec.name)
  const existing = engine.volumes.find(spec.name)
  if (existing !== undefined) return existing
  const record: VolumeRecord = {
    version: 1,
    name: spec.name,
    driver: 'local',
    created: timestamp(),
    labels: spec.anonymous ? { 'com.docker.volume.anonymous': '', ...spec.labels } : spec.labels,
    options: checkOptions(spec.options),
    anonymous: spec.anonymous,
  }
  store(engine, record)
  engine.events.publish({
    type: 'volume',
    action: 'create',
    id: record.name,
    attributes: { driver: 'local' },
  })
  return record
}

/** Folders and record, all or nothing; a folder that lost its record before keeps its data. */
function store(engine: Pick<EngineContext, 'events' | 'volumes'>, record: VolumeRecord): void {
  const folder = engine.volumes.folderOf(record.name)
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    if (record.options['device'] === undefined)
      mkdirSync(join(folder, '_data'), { recursive: true, mode: 0o755 })
    engine.volumes.save(record)
  } catch (error) {
    if (made !== undefined) rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** Options of the local driver: a bind of a host folder; other file systems would have to be mounted for good. */
function checkOptions(options: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (Object.keys(options).length === 0) return options
  const { type = '', o = '', device = '' } = options
  const isBind =
    ['', 'none', 'bind'].includes(type) && o.split(',').some(word => word === 'bind' || word === 'rbind')
  const unknown = Object.keys(options).find(key => !['type', 'o', 'device'].includes(key))
  if (unknown !== undefined || !isBind || !device.startsWith('/')) {
    throw failure({
      code: 'VOLUME_OPTIONS',
      kind: 'invalidArgument',
      summary:
        unknown === undefined
          ? `volume options type="${type}", o="${o}" are not supported`
          : `volume option "${unknown}" does not exist`,
      hint: 'the local driver takes type=none, o=bind and device=/absolute/folder',
    })
  }
  checkDevice(device)
  return { type: 'none', o, device }
}

function checkDevice(device: string): void {
  try {
    if (statSync(device).isDirectory()) return
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
  throw failure({
    code: 'VOLUME_DEVICE',
    kind: 'invalidArgument',
    summary: `volume device "${device}" is not a folder`,
    hint: 'make the folder first',
  })
}
