import { failure } from '../../../diagnostics/index.ts'
import type { CommandModule } from '../../command.ts'
import { pickContainer } from '../../containers.ts'
import { connectEngine } from '../../engine-start.ts'
import { EXIT } from '../../exit-codes.ts'
import { resolveProject } from '../../project-name.ts'
import { renderPorts } from '../ps/view.ts'

export const run: CommandModule['run'] = async (context, args, raw) => {
  const [service = '', text = ''] = args
  const [number = '', slashed] = text.split('/')
  const protocol = typeof raw['protocol'] === 'string' ? raw['protocol'] : (slashed ?? 'tcp')
  const { name } = await resolveProject(context)
  const docker = await connectEngine(context)
  const index = typeof raw['index'] === 'number' ? raw['index'] : undefined
  const container = await pickContainer(docker, name, service, index)
  const port = container.Ports.find(
    candidate =>
      candidate.PrivatePort === Number(number) &&
      candidate.Type === protocol &&
      candidate.PublicPort !== undefined,
  )
  if (port === undefined)
    throw failure({
      code: 'PORT_NOT_PUBLISHED',
      kind: 'notFound',
      summary: `service "${service}" does not publish port ${number}/${protocol}`,
      hint: `its ports: ${renderPorts(container.Ports) || 'none'}`,
    })
  const address = port.IP?.includes(':') ? `[${port.IP}]` : port.IP
  context.streams.stdout.write(`${address}:${port.PublicPort}\n`)
  return EXIT.ok
}
