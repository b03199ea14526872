import { perService, type Rule } from '../rule.ts'

const SOCKET = /\/(?:docker|podman|containerd|crio)(?:\/podman)?\.sock$|\/tscompose\/engine\.sock$/

/** ENGINE_SOCKET */
export const engineSocket: Rule = {
  code: 'ENGINE_SOCKET',
  severity: 'warning',
  about: "A service gets the engine's socket, which is root on the host",
  find: perService(function* ({ service, path }) {
    // The cure itself.
    if (/socket-proxy/.test(service.image ?? '')) return
    for (const [index, mount] of (service.volumes ?? []).entries())
      if (mount.type === 'bind' && SOCKET.test(mount.source ?? ''))
        yield {
          path: [...path, 'volumes', index],
          summary: `who has "${mount.source}" can start a privileged container: it is root on the host`,
          ...(mount.read_only
            ? { detail: 'Read-only protects the file alone: requests go through all the same' }
            : {}),
          hint: 'put a proxy in front of it that lets only some requests through',
        }
  }),
}
