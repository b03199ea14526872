import { execFile } from 'node:child_process'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { diskFull, failure, messageOf, tellsOfFullDisk } from '../../diagnostics/index.ts'

const run = promisify(execFile)

/** Magic numbers of what ADD unpacks, and where they stand. */
const MAGIC: readonly { readonly offset: number; readonly bytes: readonly number[] }[] = [
  { offset: 0, bytes: [0x1f, 0x8b] },
  { offset: 0, bytes: [0x42, 0x5a, 0x68] },
  { offset: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { offset: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { offset: 257, bytes: [0x75, 0x73, 0x74, 0x61, 0x72] },
]

/** Whether a file looks like a tar archive, plain or compressed. */
export async function looksLikeArchive(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { buffer } = await file.read(Buffer.alloc(512), 0, 512, 0)
    return MAGIC.some(({ offset, bytes }) => bytes.every((byte, index) => buffer[offset + index] === byte))
  } finally {
    await file.close()
  }
}

/**
 * Unpacks an archive into an empty folder with owners and attributes. False when it is compressed but no tar: ADD
 * copies such a file as it is.
 */
export async function unpackArchive(path: string, folder: string): Promise<boolean> {
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' }
  const isTar = await run('tar', ['--list', '--file', path], { env, maxBuffer: 256 * 1024 * 1024 }).then(
    () => true,
    () => false,
  )
  if (!isTar) return false
  const args = ['--extract', '--file', path, '--directory', folder, '--numeric-owner', '--same-owner']
  try {
    await run('tar', [...args, '--preserve-permissions', '--xattrs', '--xattrs-include=*'], { env })
  } catch (error) {
    if (tellsOfFullDisk(messageOf(error)))
      throw diskFull(`"${path}" cannot be unpacked: no space left on device`, error)
    throw failure({
      code: 'ARCHIVE_UNREADABLE',
      summary: `"${path}" cannot be unpacked`,
      detail: messageOf(error),
      cause: error,
    })
  }
  return true
}
