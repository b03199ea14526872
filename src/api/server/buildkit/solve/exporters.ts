import { failure } from '../../../../diagnostics/index.ts'
import type { Solved } from '../../../backend/solves.ts'
import { sendBytes, sendTree } from '../session/file-send.ts'
import type { Session } from '../session/session.ts'

/** What a build that is done is given to. */
export interface ExporterTerms {
  readonly Type: string
  readonly Attrs: Readonly<Record<string, string>>
}

/** An exporter at work. */
interface Export {
  readonly solved: Solved
  readonly attributes: Readonly<Record<string, string>>
  /** Its place among the exporters of the build. */
  readonly place: number
  readonly session: () => Promise<Session>
  /** Brings an image by its name to the registry that it names, and tells how that goes. */
  readonly push: (name: string, say: (line: string) => void) => Promise<void>
  readonly signal: AbortSignal
}

/** What clients are told of an export: their metadata file has it. */
type Response = Readonly<Record<string, string>>

const EXPORTERS: Readonly<Record<string, (work: Export) => Promise<Response>>> = {
  moby: exportImage,
  image: exportImage,
  docker: work => exportArchive(work, false),
  oci: work => exportArchive(work, true),
  local: exportFolder,
  tar: exportTar,
}

/** Gives what was built to each exporter, one after the other. Raises EXPORTER_UNSUPPORTED. */
export async function exportSolved(
  solved: Solved,
  exporters: readonly ExporterTerms[],
  terms: Pick<Export, 'session' | 'push' | 'signal'>,
): Promise<Response> {
  const works = exporters.map(({ Type }) => exporterOf(Type))
  const response: Record<string, string> = {}
  for (const [place, work] of works.entries()) {
    const attributes = exporters[place]?.Attrs ?? {}
    Object.assign(response, await work({ ...terms, solved, attributes, place }))
  }
  return response
}

function exporterOf(type: string): (work: Export) => Promise<Response> {
  const found = Object.hasOwn(EXPORTERS, type) ? EXPORTERS[type] : undefined
  if (found !== undefined) return found
  throw failure({
    code: 'EXPORTER_UNSUPPORTED',
    kind: 'invalidArgument',
    summary: `exporter "${type}" could not be found`,
  })
}

/** An image of the store. Its id is the digest of its configuration, and stands for that of a manifest, too. */
async function exportImage({ solved, attributes, push }: Export): Promise<Response> {
  const { id, names } = await solved.keep(namesIn(attributes))
  if (attributes['push'] === 'true')
    for (const name of names) await solved.during(`pushing ${name}`, ({ say }) => push(name, say))
  return {
    'containerimage.config.digest': id,
    'containerimage.digest': id,
    ...(names.length === 0 ? {} : { 'image.name': names.join(',') }),
  }
}

/** An archive that engines load, for a file of the client; `attested`: with what is said of the image, which Docker's own form has no place for. */
async function exportArchive(work: Export, attested: boolean): Promise<Response> {
  const { solved, attributes } = work
  if (attributes['tar'] === 'false') throw noLayout()
  const { id, names } = await solved.keep([])
  await send(work, 'exporting to docker image format', 'sending tarball', () =>
    solved.archive(namesIn(attributes), attested),
  )
  return {
    'containerimage.config.digest': id,
    'containerimage.digest': id,
    ...(names.length === 0 ? {} : { 'image.name': names.join(',') }),
  }
}

async function exportTar(work: Export): Promise<Response> {
  await send(work, 'exporting to client tarball', 'sending tarball', () => work.solved.tar())
  return {}
}

async function exportFolder({ solved, place, session, signal }: Export): Promise<Response> {
  await solved.during('exporting to client directory', async ({ transferred }) => {
    await sendTree(await session(), place, solved.entries(), {
      signal,
      onBytes: count => transferred('copying files', count),
    })
  })
  return {}
}

async function send(
  { solved, place, session, signal }: Export,
  name: string,
  status: string,
  bytes: () => AsyncIterable<Uint8Array>,
): Promise<void> {
  await solved.during(name, async ({ transferred }) => {
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of bytes()) {
        transferred(status, chunk.length)
        yield chunk
      }
    }
    await sendBytes(await session(), place, counted(), signal)
  })
}

function namesIn(attributes: Readonly<Record<string, string>>): readonly string[] {
  return (attributes['name'] ?? '').split(',').filter(name => name !== '')
}

function noLayout(): Error {
  return failure({
    code: 'EXPORTER_UNSUPPORTED',
    kind: 'notImplemented',
    summary: 'an image cannot be exported as a folder (tar=false)',
    hint: 'export it as an archive',
  })
}
