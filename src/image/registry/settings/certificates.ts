import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../../diagnostics/index.ts'
import { wrongFile } from './wrong-file.ts'

/** PEM texts that a registry of its own authority is spoken to with. */
export interface TlsFiles {
  readonly authorities: readonly string[]
  /** Who we are to it. */
  readonly client?: { readonly certificate: string; readonly key: string }
}

/**
 * What lies in the folder of a registry: `*.crt` are authorities, `*.cert` with a `*.key` of the same name is a client's
 * certificate (certs.d, as Docker and the containers tools read it). The first folder that there is counts. Undefined when
 * there is none. Raises REGISTRY_SETTINGS for half a pair.
 */
export async function readCertificates(
  folders: readonly string[],
  host: string,
): Promise<TlsFiles | undefined> {
  for (const folder of folders) {
    const path = join(folder, host)
    const names = await namesOf(path)
    if (names.length > 0) return filesOf(path, names)
  }
  return undefined
}

async function filesOf(path: string, names: readonly string[]): Promise<TlsFiles> {
  const authorities = await Promise.all(
    names.filter(name => name.endsWith('.crt')).map(name => readFile(join(path, name), 'utf8')),
  )
  const alone = names.find(name => isHalf(name, names))
  if (alone !== undefined) throw wrongFile(join(path, alone), 'a client has a .cert and a .key of one name')
  const certificate = names.find(name => name.endsWith('.cert'))
  if (certificate === undefined) return { authorities }
  const key = `${certificate.slice(0, -'.cert'.length)}.key`
  return {
    authorities,
    client: {
      certificate: await readFile(join(path, certificate), 'utf8'),
      key: await readFile(join(path, key), 'utf8'),
    },
  }
}

function isHalf(name: string, names: readonly string[]): boolean {
  if (name.endsWith('.cert')) return !names.includes(`${name.slice(0, -'.cert'.length)}.key`)
  return name.endsWith('.key') && !names.includes(`${name.slice(0, -'.key'.length)}.cert`)
}

async function namesOf(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return []
    throw error
  }
}
