import { randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { hostname as ownHostname } from 'node:os'
import type {
  ContainerCreateOptions,
  ContainerCreateRequest,
  ContainerCreateResponse,
} from '../../../api/types/index.ts'
import { failure, undo } from '../../../diagnostics/index.ts'
import type { ImageRecord } from '../../../image/index.ts'
import { timestamp } from '../../../linux/wall-clock.ts'
import { removeTree } from '../../../native/index.ts'
import { parsePlatform } from '../../../oci/platform.ts'
import { parseReference, spelledOut } from '../../../oci/reference.ts'
import { decideEndpoints } from '../../endpoints/endpoint.ts'
import { publishContainerEvent } from '../../events/container-event.ts'
import { shareBudget } from '../../groups/budget.ts'
import { checkBeside, checkJoinable } from '../../groups/joinable.ts'
import { newLabels } from '../../groups/labels.ts'
import { inheritedEndpoints, replacedBy, takeOver } from '../../groups/replacement.ts'
import { warmNamespace } from '../../groups/user-mapping.ts'
import { decideMounts, type Making } from '../../mounts/decide.ts'
import { fillVolumes } from '../../mounts/fill.ts'
import { THIS_MACHINE } from '../../runtime/index.ts'
import { Container } from '../../state/container.ts'
import { type ContainerRecord, CREATED_STATE } from '../../state/container-record.ts'
import type { EngineContext } from '../../state/context.ts'
import { discard } from '../../state/discards.ts'
import { containerPaths } from '../../state/paths.ts'
import { projectOf } from '../../state/project.ts'
import { writeRecordAside } from '../../state/record-files.ts'
import { parseLink } from '../../terms/hosts.ts'
import { checkTerms, termsOf } from '../../terms/index.ts'
import { joinedContainer, joining } from '../../terms/joined.ts'
import { madeWithPids } from '../../terms/limits.ts'
import { mergeConfig } from '../../terms/merge-config.ts'
import { checkName } from '../../terms/name.ts'
import type { NetworkMode } from '../../terms/network.ts'
import { Problems } from '../../terms/problems.ts'
import { volumeUsers } from '../../volumes/remove.ts'
import { newId, shortId } from '../../words/ids.ts'
import { tryCompile } from './trial.ts'
import { platformWarnings, warningsOf } from './warnings.ts'

/**
 * `POST /containers/create`. Everything is checked before anything is made, so that a refused request leaves nothing:
 * what can be wrong in the request itself is told all at once, then image, networks and volumes.
 */
export async function createContainer(
  engine: EngineContext,
  body: ContainerCreateRequest,
  options: ContainerCreateOptions,
): Promise<ContainerCreateResponse> {
  const id = newId()
  const given =
    options.name === undefined || options.name === '' ? undefined : checkName('container', options.name)
  const name = given ?? randomName(each => engine.containers.isNameTaken(each))
  engine.containers.reserveName(name, id)
  const making: Making = { id, volumes: [], undo: [] }
  try {
    const image = await holdImage(engine, body, options, id)
    const container = await decide(engine, { making, name, body, image, maker: options.maker })
    warmNamespace(engine, container)
    await fillVolumes(engine, container, making)
    await writeFolders(container)
    await takeOver(engine, container)
    const { TscomposeBudget: budget } = container.record.hostConfig
    if (budget !== undefined) shareBudget(engine, budget)
    engine.containers.add(container)
    publishContainerEvent(engine, container, 'create')
    const foreign = options.platform ? [] : platformWarnings(image)
    return { Id: id, Warnings: [...foreign, ...warningsOf(engine, container)] }
  } catch (error) {
    await undo(engine, `create container ${name}`, [
      () => engine.containers.releaseName(name, id),
      ...making.undo,
      // Another container may have come to use it meanwhile.
      ...making.volumes
        .filter(volume => volumeUsers(engine, volume, id).length === 0)
        .map(volume => () => discard(engine, engine.volumes.delete(volume))),
      () => removeTree(containerPaths(engine.paths, id).folder),
    ])
    throw error
  } finally {
    engine.holds.release(id)
  }
}

/** The image that the request names; it stays until the container's record tells that it is used. */
async function holdImage(
  engine: EngineContext,
  body: ContainerCreateRequest,
  options: ContainerCreateOptions,
  id: string,
): Promise<ImageRecord> {
  const reference = body.Image ?? ''
  const hold = (imageId: string): void => engine.holds.add(id, `image:${imageId}`)
  const platform = options.platform ?? ''
  const wanted = platform === '' ? undefined : parsePlatform(platform)
  const image = reference === '' ? undefined : await engine.images.use(reference, hold, wanted)
  if (image === undefined) {
    if (reference !== '') parseReference(reference)
    throw failure({
      code: 'IMAGE_NOT_FOUND',
      kind: 'notFound',
      summary: `No such image: ${spelledOut(reference)}`,
    })
  }
  const own = `${image.os}/${image.architecture}`
  if (wanted !== undefined && (wanted.os !== image.os || wanted.architecture !== image.architecture)) {
    throw failure({
      code: 'IMAGE_PLATFORM',
      kind: 'notFound',
      summary: `image "${reference}" is for ${own}, want ${platform}`,
      facts: { reference, own, platform },
    })
  }
  return image
}

interface Request {
  readonly making: Making
  readonly name: string
  readonly body: ContainerCreateRequest
  readonly image: ImageRecord
  readonly maker: string | undefined
}

async function decide(engine: EngineContext, request: Request): Promise<Container> {
  const { making, name, body, image, maker } = request
  const { id } = making
  const { HostConfig: host = {}, NetworkingConfig: networking, ...wanted } = body
  const config = mergeConfig(wanted, image.config)
  const terms = termsOf(config, host)
  const problems = new Problems()
  checkTerms(config, host, problems, THIS_MACHINE)
  problems.throwIfAny()
  problems.collect('HostConfig', () => tryCompile(terms, engine.host))
  problems.throwIfAny()
  checkJoinable(engine.containers, terms.namespaces)
  const old = replacedBy(engine.containers, config)
  const endpoints = inheritedEndpoints(old, decideEndpoints(engine, terms.network, networking))
  checkBeside(engine.containers, terms)
  for (const { networkId } of endpoints) engine.holds.add(id, `network:${networkId}`)
  const labels = problems.collect('HostConfig.SecurityOpt', () => newLabels(engine, id, terms))
  problems.throwIfAny()
  const mounts = await decideMounts(engine, terms.mounts, {
    ...making,
    project: projectOf({ record: { config } }),
  })
  const record: ContainerRecord = {
    version: 1,
    id,
    name,
    created: timestamp(),
    imageId: image.id,
    config: { ...config, Hostname: config.Hostname || defaultHostname(id, terms.network.mode) },
    hostConfig: madeWithPids(resolveReferences(engine, host)),
    ...(old === undefined ? {} : { replaces: old.id }),
    ...(maker === undefined ? {} : { maker }),
    ...(labels === undefined ? {} : { labels }),
    argv: terms.process.argv,
    mounts,
    endpoints,
    ports: [],
    state: CREATED_STATE,
  }
  return new Container(record, containerPaths(engine.paths, id))
}

/** Containers that are joined or linked to are remembered by id, as Docker does: names can change. */
function resolveReferences(
  engine: EngineContext,
  host: NonNullable<ContainerCreateRequest['HostConfig']>,
): NonNullable<ContainerCreateRequest['HostConfig']> {
  const resolve = (mode: string | undefined): string | undefined => {
    const reference = joinedContainer(mode)
    return reference === undefined ? mode : joining(engine.containers.resolve(reference).id)
  }
  return {
    ...host,
    NetworkMode: resolve(host.NetworkMode) || 'default',
    PidMode: resolve(host.PidMode),
    IpcMode: resolve(host.IpcMode),
    ...(host.Links ? { Links: host.Links.map(text => linkById(engine, text)) } : {}),
  }
}

/** `id:alias`; CONTAINER_NOT_FOUND. */
function linkById(engine: EngineContext, text: string): string {
  const { reference, alias } = parseLink(text)
  return `${engine.containers.resolve(reference, 'linked').id}:${alias}`
}

/** The short id; with the host's network the name that the host has now. */
function defaultHostname(id: string, mode: NetworkMode): string {
  return mode.kind === 'host' ? ownHostname() : shortId(id)
}

async function writeFolders({ paths, record }: Container): Promise<void> {
  // Nobody but root gets in: a setuid file of the container must not be reachable from outside (CVE-2021-41091).
  mkdirSync(paths.folder, { mode: 0o700 })
  // The mode of `upper` is the one that the container's `/` has.
  for (const folder of [paths.upper, paths.work, paths.etc]) mkdirSync(folder, { mode: 0o755 })
  await writeRecordAside(paths.record, record)
}

const QUALITIES = [
  'amber', 'brave', 'calm', 'clever', 'crisp', 'eager', 'early', 'fair', 'gentle', 'glad', 'golden', 'keen',
  'kind', 'lively', 'lucid', 'mellow', 'merry', 'nimble', 'patient', 'plain', 'quick', 'quiet', 'sunny', 'warm',
] as const // biome-ignore format: a word list
const THINGS = [
  'acorn', 'anchor', 'beacon', 'birch', 'brook', 'cedar', 'comet', 'coral', 'ember', 'falcon', 'fern', 'harbor',
  'heron', 'lantern', 'maple', 'meadow', 'otter', 'pebble', 'pine', 'river', 'sparrow', 'thistle', 'willow', 'wren',
] as const // biome-ignore format: a word list

/** A free name for a container that was given none, `quiet_otter`, with a number when that is taken. */
export function randomName(isTaken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt++) {
    const words = `${QUALITIES[randomInt(QUALITIES.length)]}_${THINGS[randomInt(THINGS.length)]}`
    const name = attempt < 3 ? words : `${words}${randomInt(10 ** Math.min(attempt, 9))}`
    if (!isTaken(name)) return name
  }
}
