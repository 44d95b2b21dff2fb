"""One face through every saved model, side by side; below, what each model costs."""

import streamlit as st

from fer_core.agreement import Agreement, ModelAnswer
from fer_core.charts import tradeoff_figure
from fer_core.preprocessing import preprocess_batch
from pages.components.faces import show_bars
from pages.components.figures import show_figure, show_table
from pages.components.models import classifier_of, latency_of, saved_models
from pages.components.photos import pick_face
from pages.components.ranking import ranking_frame

COSTS = {"latency": "ms for one face here", "size": "MB on disk"}

st.title("Compare models")
st.markdown(
    "The same face through every saved model: where they agree on its **apparent expression**, "
    "and where they do not."
)

cards = saved_models()
face = pick_face("compare")

if face is not None:
    answers = []
    for card in cards:
        classifier = classifier_of(card)
        probabilities = classifier.predict(preprocess_batch([face], card.preprocessing))[0]
        answers.append(ModelAnswer(card.title, card.labels, probabilities))
    single = [answer for card, answer in zip(cards, answers, strict=True) if not card.members]
    agreement = Agreement(tuple(single))
    label, votes = agreement.majority

    picture, summary = st.columns([1, 3], vertical_alignment="center")
    picture.image(face, width=180, alt="The face, as cut out for the models")
    with summary.container(horizontal=True):
        st.metric("Most models say", label, border=True)
        st.metric("Models that say so", f"{votes} of {len(single)}", border=True)
        st.metric("Their mean says", agreement.mean.label, border=True)
        st.metric(
            "Disagreement",
            f"{agreement.disagreement:.2f}",
            border=True,
            help="How far apart the models' probabilities lie: 0 when all give the same, 1 when "
            "each is certain of something else (Jensen-Shannon divergence).",
        )

    columns = st.columns(min(len(answers), 3))
    for index, (card, answer) in enumerate(zip(cards, answers, strict=True)):
        with columns[index % len(columns)].container(border=True):
            st.markdown(f"**{answer.model}** says **{answer.label}**, {answer.confidence:.0%}")
            show_bars(
                answer.probabilities,
                answer.labels,
                name=answer.model,
                key=f"compare_bars_{card.name}",
            )
            st.caption(f"{latency_of(card).p50_ms:.1f} ms for one face on this machine")
    show_table(
        Agreement(tuple(answers)).to_frame(),
        key="compare_answers",
        alt="Each model's probabilities",
    )

st.header("What accuracy costs")
cost = st.segmented_control(
    "Against",
    list(COSTS),
    default="latency",
    required=True,
    key="compare_cost",
    bind="query-params",
)
latencies = {card.name: latency_of(card) for card in cards}
costs = {
    card.name: latencies[card.name].p50_ms if cost == "latency" else card.weights.size_bytes / 1e6
    for card in cards
}
show_figure(
    tradeoff_figure(cards, costs, cost_title=COSTS[cost]),
    key="compare_tradeoff",
    alt=f"Accuracy against {COSTS[cost]}; the numbers stand in the table below",
)
show_table(
    ranking_frame(cards, latencies), key="compare_costs", alt="Accuracy, size and time by model"
)
