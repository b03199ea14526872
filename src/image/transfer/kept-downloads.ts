import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import { readIfThere, writeFileAtomic } from '../../linux/atomic-file.ts'
import { type FetchedFile, type FetchOptions, fetchUrl } from './fetch-url.ts'

/** How a file is brought that may be here already. */
export interface KeptFetchOptions extends Omit<FetchOptions, 'unless'> {
  /** Where the file of this address is kept; a filesystem with `path`. */
  readonly folder: string
  /** Told when the server is asked. */
  readonly onAsk: () => void
}

const CONTENT = 'content'
const FACTS = 'facts.json'

/**
 * As `fetchUrl`, but a file that was brought before is only asked after: it is used where the server says that it has not
 * changed, and not even asked for where it is what the checksum wants. Its bytes are read and compared whatever was said.
 */
export async function fetchKept(address: string, options: KeptFetchOptions): Promise<FetchedFile> {
  const { folder, onAsk, ...fetching } = options
  const known = await readKept(folder)
  if (known !== undefined && known.digest === options.checksum && (await take(folder, options.path, known)))
    return known
  onAsk()
  const unless = known !== undefined && options.checksum === undefined ? known : undefined
  const fetched = await fetchUrl(address, { ...fetching, ...(unless === undefined ? {} : { unless }) })
  if (fetched !== undefined) {
    await keep(folder, options.path, fetched)
    return fetched
  }
  await rm(options.path, { force: true })
  if (known !== undefined && (await take(folder, options.path, known))) return known
  // It has been damaged since: it comes again, whole.
  const again = await fetchUrl(address, fetching)
  if (again === undefined) throw neverSent(address)
  await keep(folder, options.path, again)
  return again
}

async function readKept(folder: string): Promise<FetchedFile | undefined> {
  const text = await readIfThere(join(folder, FACTS))
  if (text === undefined) return undefined
  try {
    const facts = JSON.parse(text) as FetchedFile | null
    return typeof facts?.digest === 'string' && typeof facts.mtime === 'number' ? facts : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Puts what is kept where it is wanted, if it is what it should be. */
async function take(folder: string, path: string, { digest }: FetchedFile): Promise<boolean> {
  await rm(path, { force: true })
  try {
    await link(join(folder, CONTENT), path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  if (`sha256:${hash.digest('hex')}` === digest) return true
  await rm(path, { force: true })
  return false
}

async function keep(folder: string, path: string, file: FetchedFile): Promise<void> {
  const half = join(folder, `${CONTENT}.${process.pid}.${performance.now()}`)
  await link(path, half)
  await rename(half, join(folder, CONTENT))
  // A rename onto another name of the same file leaves both.
  await rm(half, { force: true })
  await writeFileAtomic(join(folder, FACTS), JSON.stringify(file), { durable: false })
}

function neverSent(address: string): Error {
  return failure({
    kind: 'unavailable',
    code: 'DOWNLOAD_FAILED',
    summary: `cannot download "${address}"`,
    detail: 'the server says that it has not changed, and does not send it',
  })
}
