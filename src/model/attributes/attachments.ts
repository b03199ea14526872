import { coldBy, hot } from './rows.ts'
import { integer, type Struct, strings, struct, text, texts } from './shape.ts'

/** `services.*.networks.*` */
export const ATTACHMENT: Struct = struct(
  'NetworkAttachment',
  'How a service joins one network; null stands for "with all defaults".',
  ['aliases', texts, hot('EndpointsConfig.*.Aliases', { unordered: true })],
  ['driver_opts', strings, hot('EndpointsConfig.*.DriverOpts')],
  ['gw_priority', integer, hot('EndpointsConfig.*.GwPriority')],
  ['interface_name', text, hot('EndpointsConfig.*.DriverOpts')],
  ['ipv4_address', text, hot('EndpointsConfig.*.IPAMConfig.IPv4Address')],
  ['ipv6_address', text, hot('EndpointsConfig.*.IPAMConfig.IPv6Address')],
  ['link_local_ips', texts, hot('EndpointsConfig.*.IPAMConfig.LinkLocalIPs')],
  ['mac_address', text, hot('EndpointsConfig.*.MacAddress')],
  // The order in which networks are attached.
  ['priority', integer, coldBy('planner')],
)

/** `services.*.ports[]` */
export const PORT: Struct = struct(
  'Port',
  '`services.*.ports[]` in long form, one entry a container port.',
  ['name', text],
  ['mode', text],
  ['host_ip', text],
  ['target', integer, { required: true }],
  [
    'published',
    text,
    {
      note: 'Text, may be a range `8000-8010` (first free one is taken); absent: a port that the engine picks.',
    },
  ],
  ['protocol', text],
  ['app_protocol', text],
)
