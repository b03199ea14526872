import type { IncomingHttpHeaders } from 'node:http'
import type { LazyBuildKit } from '../buildkit/lazy.ts'
import { sessionHead } from '../buildkit/session/head.ts'
import type { Handlers } from '../handler.ts'

const PROTOCOL = 'h2c'

/** Connections of BuildKit's clients: those on which they call us, and those on which we call them. */
export function sessionHandlers(kit: LazyBuildKit): Handlers<'grpc' | 'session'> {
  return {
    grpc: async () => {
      const { serve } = await kit()
      return { protocol: PROTOCOL, serve }
    },
    session: async ({ headers }) => {
      const { sessions } = await kit()
      const head = sessionHead(name => valuesOf(headers, name))
      sessions.check(head.id)
      return { protocol: PROTOCOL, serve: connection => sessions.serve(head, connection) }
    },
  }
}

function valuesOf(headers: IncomingHttpHeaders, name: string): readonly string[] {
  return [headers[name] ?? []].flat()
}
