import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createConnection, createServer, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import { statePaths } from '../state-paths.ts'
import type { Environment } from '../target.ts'

/**
 * Lets one process alone watch a project, by the name of an abstract socket: the kernel gives it to one only, and takes it back when
 * that has ended, however it did. Resolves with what gives it up. Errors: WATCH_RUNNING.
 */
export async function watchExclusively(env: Environment, project: string): Promise<() => void> {
  const place = env['DOCKER_HOST'] || statePaths(env).run
  const name = `\0tscompose-watch-${createHash('sha256').update(`${place}\n${project}`).digest('hex').slice(0, 32)}`
  const server = createServer(socket => {
    // Who has asked may have gone.
    socket.on('error', () => undefined).end(String(process.pid))
  })
  if (await listens(server, name)) {
    server.unref()
    return () => void server.close()
  }
  const owner = await ownerOf(name)
  throw failure({
    code: 'WATCH_RUNNING',
    kind: 'conflict',
    summary: `cannot take exclusive lock for project "${project}": process with PID ${owner} is still running`,
    hint: 'one watch a project: end the other one first',
  })
}

async function listens(server: Server, name: string): Promise<boolean> {
  server.listen(name)
  try {
    await once(server, 'listening')
    return true
  } catch (error) {
    if (errnoOf(error) === 'EADDRINUSE') return false
    throw error
  }
}

async function ownerOf(name: string): Promise<string> {
  try {
    return await text(createConnection(name))
  } catch (error) {
    // It has ended just now.
    if (errnoOf(error) === 'ECONNREFUSED') return 'unknown'
    throw error
  }
}
