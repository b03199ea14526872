import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { VolumeCreateRequest } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { timestamp } from '../../linux/wall-clock.ts'
import type { EngineContext } from '../state/context.ts'
import { isBound, type VolumeRecord } from '../state/volume-record.ts'
import { checkName } from '../terms/name.ts'
import { newId } from '../words/ids.ts'
import { checkVolumeOptions } from './options.ts'

/** What a volume is made from. */
export interface WantedVolume {
  readonly name: string
  readonly anonymous: boolean
  /** The project that one without a name is made for. */
  readonly project?: string | undefined
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
  checkVolumeOptions(body.Name ?? '', body.DriverOpts ?? {})
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
    options: checkVolumeOptions(spec.name, spec.options),
    anonymous: spec.anonymous,
    ...(spec.anonymous && spec.project !== undefined ? { project: spec.project } : {}),
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

/** Makes the folder of a volume anew that somebody has removed, where the engine made it by itself; says whether it did. */
export function restoreFolder(
  engine: Pick<EngineContext, 'events' | 'volumes' | 'warn'>,
  record: VolumeRecord,
): boolean {
  if (Object.keys(record.options).length > 0 || existsSync(engine.volumes.dataOf(record))) return false
  store(engine, record)
  engine.warn({
    severity: 'warning',
    code: 'VOLUME_LOST',
    summary: `the folder of the volume ${record.name} was gone: it was made anew, and what it held is lost`,
  })
  return true
}

/** Folders and record, all or nothing; a folder that lost its record before keeps its data. */
function store(engine: Pick<EngineContext, 'events' | 'volumes'>, record: VolumeRecord): void {
  const folder = engine.volumes.folderOf(record.name)
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    if (!isBound(record.options)) mkdirSync(join(folder, '_data'), { recursive: true, mode: 0o755 })
    engine.volumes.save(record)
  } catch (error) {
    if (made !== undefined) rmSync(folder, { recursive: true, force: true })
    throw error
  }
}
