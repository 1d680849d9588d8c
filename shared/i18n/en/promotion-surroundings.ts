/** English texts of what a promotion finds around the pair and carries over: events, semi-synchronous replication, other replicas. */
export const promotionSurroundings = {
  'promotion.dialog.events': 'Events to enable on the new primary',
  'promotion.dialog.events-text': 'Nobody knows whether these ran on the old primary: replication shows an event that was disabled on purpose like any other. What is not ticked stays disabled.',
  'promotion.precondition.events-known.title': 'Events known as the old primary had them',
  'promotion.precondition.events-known.remedy': 'Whether these ran on the old primary cannot be told. They stay disabled unless you choose them (terminal: --enable-event).',
} as const;
