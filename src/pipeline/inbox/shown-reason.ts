// Why a delivery is in its state, as people are told. What waits for Pendo's answer waits for a reason of its connection's
// where Pendo cannot be asked: shown from there, so that a refused key does not rewrite a million rows.

/** SQL for the reason of a row `d` of deliveries. */
export const shownReason = `case when d.reason = 'identity-wanted' then coalesce(
    (select c.asking_reason from connections c where c.workspace_id = d.workspace_id and c.connection_id = d.connection_id), d.reason)
  else d.reason end`;
