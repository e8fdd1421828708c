// @ts-check
// State that a reader changes in the browser and the script repeats for the address: what it sends may be late.

/**
 * What of a component's state was sent and reported, as JSON.
 * @returns {ReportedState}
 */
const createReports = () => ({ sent: '', unrepeated: [] });

/**
 * Notes a state that is reported to the script, which will repeat it.
 * @param {ReportedState} reports
 * @param {object} state
 */
function noteReport(reports, state) {
  const text = JSON.stringify(state);
  if ((reports.unrepeated.at(-1) ?? reports.sent) !== text) reports.unrepeated.push(text);
}

/**
 * Whether a state that the script sends is new, as an earlier one is that comes with Back, and not the late
 * repetition of what was chosen here.
 * @param {ReportedState} reports
 * @param {object} state that the script sends
 * @param {object} current
 */
function isNews(reports, state, current) {
  const text = JSON.stringify(state);
  const isLate = text === reports.sent || reports.unrepeated.includes(text);
  reports.sent = text;
  reports.unrepeated.splice(0, reports.unrepeated.indexOf(text) + 1);
  if (isLate || text === JSON.stringify(current)) return false;
  reports.unrepeated = [];
  return true;
}
