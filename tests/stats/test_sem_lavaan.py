"""Structural equation models against lavaan 0.6-14, on the reference data."""

import json

import numpy as np
import pandas as pd
import pytest

from walesi_research.stats.sem import difference, fit

pytestmark = pytest.mark.shared

FACTORS = "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9"
WITH_INPUTS = FACTORS + "; textual ~ visual + ageyr; speed ~ textual + ageyr + grade"
SECOND_ORDER = FACTORS + "; g =~ visual + textual + speed"
TWO_TRAITS = "agree =~ A1 + A2 + A3 + A4 + A5; consc =~ C1 + C2 + C3 + C4 + C5"
FIVE_TRAITS = "; ".join(f"{t} =~ " + " + ".join(f"{t}{i}" for i in range(1, 6)) for t in "ACENO")

INDICES = {
    "chisq": "chi2",
    "df": "df",
    "pvalue": "pvalue",
    "cfi": "cfi",
    "tli": "tli",
    "rmsea": "rmsea",
    "srmr": "srmr",
    "aic": "aic",
    "bic": "bic",
    "logl": "loglik",
    "baseline.chisq": "baseline_chi2",
    "baseline.df": "baseline_df",
    "chisq.scaled": "chi2_scaled",
    "chisq.scaling.factor": "scaling",
    "baseline.chisq.scaled": "baseline_chi2_scaled",
    "cfi.scaled": "cfi_scaled",
    "tli.scaled": "tli_scaled",
    "rmsea.scaled": "rmsea_scaled",
    "cfi.robust": "cfi_robust",
    "tli.robust": "tli_robust",
    "rmsea.robust": "rmsea_robust",
}


def indices_agree(found, expected):
    """Chi-squares and indices to 1e-3, as the least decimals anyone reports."""
    for theirs, ours in INDICES.items():
        if theirs in expected:
            assert getattr(found, ours) == pytest.approx(expected[theirs], abs=1e-3), ours
    for suffix in ("", ".scaled", ".robust"):
        low, high = getattr(found, "rmsea_interval" + suffix.replace(".", "_"))
        if f"rmsea.ci.lower{suffix}" in expected:
            assert low == pytest.approx(expected[f"rmsea.ci.lower{suffix}"], abs=1e-3)
        if f"rmsea.ci.upper{suffix}" in expected:
            assert high == pytest.approx(expected[f"rmsea.ci.upper{suffix}"], abs=1e-3)


def parameter(found, lhs, op, rhs, group=None):
    p = found.parameters
    rows = p[(p.lhs == lhs) & (p.op == op) & (p.rhs.str.replace(" ", "") == rhs)]
    if rows.empty and op == "~~":
        rows = p[(p.lhs == rhs) & (p.op == op) & (p.rhs == lhs)]
    if group is not None:
        rows = rows[rows.group == group]
    assert len(rows) == 1, (lhs, op, rhs, group)
    return rows.iloc[0]


def parameters_agree(found, expected):
    """Estimates and standard errors to 1e-4 of their size, standardised estimates to 1e-4.

    What is nearly zero (a mean of -0.002 in a variable of variance 4) is held to 1e-6 instead.
    """
    for row in expected:
        p = parameter(found, row["lhs"], row["op"], row["rhs"], row.get("group"))
        told = (row["lhs"], row["op"], row["rhs"])
        assert p.estimate == pytest.approx(row["est"], rel=1e-4, abs=1e-6), told
        assert p.std_error == pytest.approx(row["se"], rel=1e-4, abs=1e-6), told
        if "std.all" in row:
            assert p.std_all == pytest.approx(row["std.all"], abs=1e-4), told


@pytest.fixture(scope="module")
def values(shared):
    def read(name):
        return json.loads((shared / f"reference/values/{name}.json").read_text())["results"]

    return read


@pytest.fixture(scope="module")
def data(shared):
    def read(name):
        return pd.read_csv(shared / f"reference/data/{name}.csv")

    return read


@pytest.fixture(scope="module")
def pupils(data):
    """Holzinger and Swineford's pupils, with clusters and weights made up for the purpose."""
    d = data("holzinger_swineford")
    return d.assign(
        school=pd.Categorical(d.school, ["Pasteur", "Grant-White"]),
        cohort=d.school + d.ageyr.astype(str) + "-" + d.agemo.astype(str),
        weight=0.5 + (d.id % 5) / 2,
    )


@pytest.fixture(scope="module")
def gappy(pupils):
    """The same with a ninth of the answers taken away."""
    d = pupils.copy()
    for k in range(1, 10):
        d.loc[(d.id * 7 + k * 13) % 11 == 0, f"x{k}"] = np.nan
    return d


# ── the reference values ─────────────────────────────────────────────────────────────────────────────────


def test_factor_analysis_of_holzinger_and_swineford(values, pupils):
    expected = values("cfa_holzinger")
    found = fit(FACTORS, pupils)
    assert found.converged
    assert found.warnings == ()
    indices_agree(found, expected["fit"])
    parameters_agree(found, expected["estimates"])


def test_political_democracy_with_an_indirect_effect(values, data, shared):
    call = json.loads((shared / "reference/values/sem_political_democracy.json").read_text())["call"]
    expected = values("sem_political_democracy")
    found = fit(call.split("'")[1].replace("\\n", "\n"), data("political_democracy"))
    indices_agree(found, expected["fit"])
    parameters_agree(found, expected["estimates"])
    shares = found.r_squared.set_index("variable").r2
    assert shares.to_dict() == pytest.approx(expected["r2"], abs=1e-5)


STEPS = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}


def test_invariance_between_schools(values, pupils):
    expected = values("invariance_holzinger_school")
    fits = {k: fit(FACTORS, pupils, group="school", equal=equal) for k, equal in STEPS.items()}
    for name, found in fits.items():
        indices_agree(found, expected["fit"][name])
    parameters_agree(fits["scalar"], expected["scalar_estimates"])
    means = [row for row in expected["latent_means"] if row["group"] == 2]
    parameters_agree(fits["scalar"], means)
    names = list(STEPS)
    for k, row in enumerate(expected["lrt"][1:]):
        test = difference(fits[names[k + 1]], fits[names[k]])
        assert (test.chi2, test.df, test.pvalue) == pytest.approx(
            (row["Chisq.diff"], row["Df.diff"], row["Pr..Chisq."]), abs=1e-3
        )


def test_regressions_with_missing_values(values, data):
    expected = values("missing")
    employees = fit("jobperf ~ IQ + wbeing", data("employee_selection"), missing="fiml", fixed_x=False)
    parameters_agree(employees, expected["employee_fiml"])
    pupils = fit("lpo ~ lpr + iqv + ses", data("brandsma"), missing="fiml", fixed_x=False)
    parameters_agree(pupils, expected["brandsma_fiml"])
    assert pupils.loglik == pytest.approx(expected["brandsma_fiml_logl"], abs=1e-5)


@pytest.mark.parametrize(
    ("name", "file"), [("employee_em", "employee_selection"), ("nhanes_em", "nhanes2"), ("bfi_em", "bfi")]
)
def test_saturated_moments_of_incomplete_data(values, data, name, file):
    expected, d = values("missing")[name], data(file)
    names = expected["cov"]["rows"]
    if name == "nhanes_em":  # made with no answer on hypertension as a category of its own
        d = d.assign(
            age=d.age.map({"20-39": 1, "40-59": 2, "60-99": 3}),
            hyp=d.hyp.fillna("none").map({"none": 1, "no": 2, "yes": 3}),
        )
    d = d[names].dropna(how="all")
    saturated = "\n".join(f"{a} ~~ {' + '.join(names[i:])}" for i, a in enumerate(names))
    found = fit(saturated, d, missing="fiml")
    mean, covariance = found.implied()
    # a tenth of a thousandth of the standard deviations, where lavaan's own steps end
    size = np.sqrt(np.diag(expected["cov"]["values"]))
    assert mean[names].to_numpy() / size == pytest.approx(np.array(expected["mean"]) / size, abs=1e-4)
    scaled = covariance.loc[names, names].to_numpy() / size / size[:, None]
    assert scaled == pytest.approx(np.array(expected["cov"]["values"]) / size / size[:, None], abs=1e-4)


def test_path_model_with_fixed_inputs(values, data):
    model = """job_seek ~ a*treat + econ_hard + sex + age
               depress2 ~ c*treat + b*job_seek + econ_hard + sex + age
               indirect := a*b
               total := c + a*b"""
    parameters_agree(fit(model, data("jobs2")), values("mediation_jobs2")["lavaan_ml"])


def test_ordered_items(values, data):
    d = data("bfi").iloc[:, :25].dropna()
    d[["A1", "C4", "C5"]] = 7 - d[["A1", "C4", "C5"]]
    expected = values("cfa_bfi_ordinal_wlsmv")
    found = fit(TWO_TRAITS, d, estimator="dwls")
    indices_agree(found, expected["fit"])
    rows = [row for row in expected["estimates"] if row["op"] not in ("~*~", "~1")]  # all of them constants
    parameters_agree(found, rows)


# ── more of lavaan 0.6-14 ────────────────────────────────────────────────────────────────────────────────

MORE = {
    "mlr": (
        FACTORS,
        "pupils",
        {"estimator": "mlr"},
        {
            "chisq": 85.30552177,
            "df": 24,
            "logl": -3737.744927,
            "bic": 7595.339169,
            "srmr": 0.06520505718,
            "chisq.scaled": 87.13160337,
            "chisq.scaling.factor": 0.9790422588,
            "baseline.chisq.scaled": 880.0817214,
            "cfi.scaled": 0.925206764,
            "rmsea.scaled": 0.09348340897,
            "cfi.robust": 0.9298639357,
            "tli.robust": 0.8947959035,
            "rmsea.robust": 0.09249862137,
            "rmsea.ci.upper.robust": 0.113781308,
            "rmsea.ci.upper.scaled": 0.1152256681,
            "baseline.chisq": 918.8515893,
        },
        {
            ("visual", "=~", "x2"): (0.553500294, 0.132077906),
            ("speed", "=~", "x8"): (1.17995084, 0.13044474),
            ("x3", "~~", "x3"): (0.844324046, 0.100285829),
            ("x7", "~~", "x7"): (0.799391638, 0.0972220958),
            ("textual", "~~", "textual"): (0.979491373, 0.121297599),
            ("textual", "~~", "speed"): (0.173494685, 0.0563065759),
        },
    ),
    "mlr of groups": (
        FACTORS,
        "pupils",
        {"estimator": "mlr", "group": "school", "equal": ("loadings", "intercepts")},
        {
            "chisq": 164.1028309,
            "df": 60,
            "logl": -3706.323256,
            "bic": 7686.587804,
            "srmr": 0.08244705858,
            "chisq.scaled": 166.7482191,
            "chisq.scaling.factor": 0.984135434,
            "baseline.chisq.scaled": 934.3087767,
            "cfi.scaled": 0.8762065029,
            "rmsea.scaled": 0.1087267594,
            "cfi.robust": 0.8811546128,
            "tli.robust": 0.8573855353,
            "rmsea.robust": 0.1078608599,
            "rmsea.ci.upper.robust": 0.1274774329,
            "rmsea.ci.upper.scaled": 0.1286610343,
            "baseline.chisq": 957.7690508,
        },
        {
            ("visual", "=~", "x2"): (0.575661272, 0.130986012),
            ("x1", "~~", "x1"): (0.653706366, 0.177117327),
            ("x8", "~~", "x8"): (0.434059149, 0.147247818),
            ("visual", "~~", "speed"): (0.328612241, 0.100546777),
            ("x6", "~1", ""): (1.92562358, 0.0747799842),
            ("speed", "~1", ""): (-0.177350249, 0.10359138),
        },
    ),
    "mlr with exogenous": (
        WITH_INPUTS,
        "pupils",
        {"estimator": "mlr"},
        {
            "chisq": 180.0171436,
            "df": 40,
            "logl": -3708.565022,
            "bic": 7548.317041,
            "srmr": 0.1055776784,
            "chisq.scaled": 175.3617924,
            "chisq.scaling.factor": 1.026547124,
            "baseline.chisq.scaled": 993.6543314,
            "cfi.scaled": 0.8559451195,
            "rmsea.scaled": 0.1062080476,
            "cfi.robust": 0.8597572938,
            "tli.robust": 0.8106723466,
            "rmsea.robust": 0.1076085726,
            "rmsea.ci.upper.robust": 0.1241598602,
            "rmsea.ci.upper.scaled": 0.1223282817,
            "baseline.chisq": 1047.760238,
        },
        {
            ("visual", "=~", "x2"): (0.565073354, 0.159149824),
            ("speed", "=~", "x8"): (1.0999658, 0.152514233),
            ("speed", "~", "ageyr"): (0.0952721082, 0.0549405161),
            ("x3", "~~", "x3"): (0.85247902, 0.109527047),
            ("x8", "~~", "x8"): (0.433430909, 0.081090271),
            ("speed", "~~", "speed"): (0.371104269, 0.0748434099),
        },
    ),
    "fiml": (
        FACTORS,
        "gappy",
        {"missing": "fiml"},
        {
            "chisq": 73.98327707,
            "df": 24,
            "logl": -3421.591863,
            "bic": 7014.397033,
            "srmr": 0.05903255566,
            "baseline.chisq": 779.6059907,
        },
        {
            ("visual", "=~", "x2"): (0.520426511, 0.113530237),
            ("x1", "~~", "x1"): (0.465159901, 0.135454921),
            ("x7", "~~", "x7"): (0.765846574, 0.0934934865),
            ("speed", "~~", "speed"): (0.398379905, 0.0982895706),
            ("x3", "~1", ""): (2.24283805, 0.0679775461),
            ("x9", "~1", ""): (5.33517421, 0.0585761641),
        },
    ),
    "mlr fiml": (
        FACTORS,
        "gappy",
        {"estimator": "mlr", "missing": "fiml"},
        {
            "chisq": 73.98327707,
            "df": 24,
            "logl": -3421.591863,
            "bic": 7014.397033,
            "srmr": 0.05903255566,
            "chisq.scaled": 75.76729131,
            "chisq.scaling.factor": 0.9764540317,
            "baseline.chisq.scaled": 753.3717717,
            "cfi.scaled": 0.9278375685,
            "rmsea.scaled": 0.08465231748,
            "rmsea.ci.upper.scaled": 0.1067666139,
            "baseline.chisq": 779.6059907,
        },
        {
            ("visual", "=~", "x2"): (0.520426511, 0.127467471),
            ("x1", "~~", "x1"): (0.465159901, 0.16320831),
            ("x7", "~~", "x7"): (0.765846574, 0.110090416),
            ("speed", "~~", "speed"): (0.398379905, 0.119707457),
            ("x3", "~1", ""): (2.24283805, 0.0679799342),
            ("x9", "~1", ""): (5.33517421, 0.0585380299),
        },
    ),
    "clusters": (
        FACTORS,
        "pupils",
        {"estimator": "mlr", "cluster": "cohort"},
        {
            "chisq": 85.30552177,
            "df": 24,
            "logl": -3737.744927,
            "bic": 7646.703161,
            "srmr": 0.05952380114,
            "chisq.scaled": 83.70239965,
            "chisq.scaling.factor": 1.019152642,
            "baseline.chisq.scaled": 903.7750578,
            "cfi.scaled": 0.9312006042,
            "rmsea.scaled": 0.09090903024,
            "cfi.robust": 0.9310333963,
            "tli.robust": 0.8965500944,
            "rmsea.robust": 0.09177547531,
            "rmsea.ci.upper.robust": 0.1135813749,
            "rmsea.ci.upper.scaled": 0.112301713,
            "baseline.chisq": 918.8515893,
        },
        {
            ("visual", "=~", "x2"): (0.553500294, 0.128182586),
            ("x1", "~~", "x1"): (0.549053973, 0.147611661),
            ("x7", "~~", "x7"): (0.799391638, 0.0912371956),
            ("speed", "~~", "speed"): (0.383747649, 0.0957291998),
            ("x3", "~1", ""): (2.25041528, 0.068470063),
            ("x9", "~1", ""): (5.37412329, 0.0657795874),
        },
    ),
    "weights": (
        FACTORS,
        "pupils",
        {"estimator": "mlr", "weights": "weight"},
        {
            "chisq": 84.481396,
            "df": 24,
            "logl": -3712.899845,
            "bic": 7545.649006,
            "srmr": 0.06222332853,
            "chisq.scaled": 71.23192529,
            "chisq.scaling.factor": 1.186004669,
            "baseline.chisq.scaled": 764.6532319,
            "cfi.scaled": 0.9351791453,
            "rmsea.scaled": 0.08085910981,
            "cfi.robust": 0.938036759,
            "tli.robust": 0.9070551386,
            "rmsea.robust": 0.08805867678,
            "rmsea.ci.upper.robust": 0.1120402351,
            "rmsea.ci.upper.scaled": 0.1010545432,
            "baseline.chisq": 948.7057994,
        },
        {
            ("visual", "=~", "x2"): (0.520699993, 0.140680074),
            ("speed", "=~", "x8"): (1.11822371, 0.137091646),
            ("x3", "~~", "x3"): (0.892389544, 0.106699654),
            ("x7", "~~", "x7"): (0.77173567, 0.0967310315),
            ("textual", "~~", "textual"): (0.911021331, 0.127697427),
            ("textual", "~~", "speed"): (0.229968702, 0.0686208555),
        },
    ),
    "weights clusters fiml": (
        FACTORS,
        "gappy",
        {"estimator": "mlr", "missing": "fiml", "weights": "weight", "cluster": "cohort"},
        {
            "chisq": 74.70654348,
            "df": 24,
            "logl": -3399.721802,
            "bic": 6970.656912,
            "srmr": 0.0553626091,
            "chisq.scaled": 61.85676809,
            "chisq.scaling.factor": 1.207734348,
            "baseline.chisq.scaled": 668.7324392,
            "cfi.scaled": 0.9401693896,
            "rmsea.scaled": 0.07239072041,
            "rmsea.ci.upper.scaled": 0.09282590921,
            "baseline.chisq": 808.6083439,
        },
        {
            ("visual", "=~", "x2"): (0.512574277, 0.136456596),
            ("x1", "~~", "x1"): (0.352829949, 0.18279133),
            ("x7", "~~", "x7"): (0.727776443, 0.104551),
            ("speed", "~~", "speed"): (0.424888781, 0.124980792),
            ("x3", "~1", ""): (2.22849692, 0.0796648797),
            ("x9", "~1", ""): (5.30386501, 0.0705898462),
        },
    ),
    "exogenous": (
        WITH_INPUTS,
        "pupils",
        {},
        {
            "chisq": 180.0171436,
            "df": 40,
            "logl": -3708.565022,
            "bic": 7548.317041,
            "srmr": 0.1055776784,
            "baseline.chisq": 1047.760238,
        },
        {
            ("visual", "=~", "x2"): (0.565073354, 0.10548203),
            ("speed", "=~", "x8"): (1.0999658, 0.147425672),
            ("speed", "~", "ageyr"): (0.0952721082, 0.0498124572),
            ("x3", "~~", "x3"): (0.85247902, 0.0947840124),
            ("x8", "~~", "x8"): (0.433430909, 0.0736303502),
            ("speed", "~~", "speed"): (0.371104269, 0.0771752703),
        },
    ),
    "unit factors of groups": (
        FACTORS,
        "pupils",
        {"std_lv": True, "group": "school", "equal": ("loadings",)},
        {
            "chisq": 124.0435442,
            "df": 54,
            "logl": -3686.293612,
            "bic": 7680.771179,
            "srmr": 0.07165158811,
            "baseline.chisq": 957.7690508,
        },
        {
            ("visual", "=~", "x1"): (0.897478861, 0.0952028604),
            ("speed", "=~", "x7"): (0.552207333, 0.070427909),
            ("x5", "~~", "x5"): (0.3840535, 0.07288022),
            ("textual", "~~", "textual"): (0.992457421, 0.185980896),
            ("x3", "~1", ""): (1.99568966, 0.0850851964),
            ("x9", "~1", ""): (5.32720306, 0.0848474645),
        },
    ),
    "second order": (
        SECOND_ORDER,
        "pupils",
        {},
        {
            "chisq": 85.30552177,
            "df": 24,
            "logl": -3737.744927,
            "bic": 7595.339169,
            "srmr": 0.06520502792,
            "baseline.chisq": 918.8515893,
        },
        {
            ("visual", "=~", "x2"): (0.553500134, 0.0996652795),
            ("speed", "=~", "x8"): (1.17995161, 0.164986865),
            ("x1", "~~", "x1"): (0.549054834, 0.113600944),
            ("x5", "~~", "x5"): (0.446255442, 0.0583927783),
            ("x9", "~~", "x9"): (0.566130691, 0.0707369985),
            ("g", "~~", "g"): (0.617014638, 0.182988498),
        },
    ),
    "ordered items of groups": (
        TWO_TRAITS,
        "bfi",
        {"estimator": "dwls", "group": "gender", "equal": ("loadings",)},
        {
            "chisq": 475.1095732,
            "df": 76,
            "srmr": 0.05406171562,
            "chisq.scaled": 547.8060853,
            "chisq.scaling.factor": 0.8934490424,
            "baseline.chisq.scaled": 9579.087443,
            "cfi.scaled": 0.9502790876,
            "rmsea.scaled": 0.07142161787,
            "rmsea.ci.upper.scaled": 0.07710391658,
            "baseline.chisq": 15327.35787,
        },
        {
            ("agree", "=~", "A2"): (-1.81624502, 0.0960983243),
            ("A1", "|", "t5"): (1.9472719, 0.0654888829),
            ("A4", "|", "t2"): (-1.18646585, 0.0404526328),
            ("C1", "|", "t4"): (-0.234979812, 0.0313598893),
            ("C4", "|", "t1"): (-0.558748261, 0.0328734793),
            ("agree", "~~", "consc"): (-0.089613384, 0.00835458445),
        },
    ),
    "ordered items by pairs": (
        TWO_TRAITS,
        "all_bfi",
        {"estimator": "dwls", "missing": "pairwise"},
        {
            "chisq": 478.7437381,
            "df": 34,
            "srmr": 0.05115835305,
            "chisq.scaled": 631.9800063,
            "chisq.scaling.factor": 0.7640902699,
            "baseline.chisq.scaled": 10768.09962,
            "cfi.scaled": 0.9442344073,
            "rmsea.scaled": 0.0792688256,
            "rmsea.ci.upper.scaled": 0.08473626634,
            "baseline.chisq": 16750.41384,
        },
        {
            ("agree", "=~", "A2"): (-1.76385245, 0.0838553164),
            ("A1", "|", "t5"): (1.88887899, 0.0478261077),
            ("A4", "|", "t2"): (-1.15670471, 0.03055685),
            ("C1", "|", "t4"): (-0.204821732, 0.0239611238),
            ("C4", "|", "t1"): (-0.59112894, 0.0253750366),
            ("agree", "~~", "consc"): (-0.089777987, 0.00675667461),
        },
    ),
    "five traits fiml": (
        FIVE_TRAITS,
        "all_bfi",
        {"missing": "fiml"},
        {
            "chisq": 4674.26299,
            "df": 265,
            "logl": -114278.3785,
            "bic": 229231.4339,
            "srmr": 0.07212398189,
            "baseline.chisq": 20010.4822,
        },
        {
            ("A", "=~", "A2"): (-1.58332979, 0.103237042),
            ("O", "=~", "O3"): (1.39238434, 0.0733502859),
            ("E5", "~~", "E5"): (1.24395372, 0.0378732337),
            ("A", "~~", "C"): (-0.105738364, 0.0108419588),
            ("C3", "~1", ""): (4.30330827, 0.0244134906),
            ("O5", "~1", ""): (2.49041834, 0.0251728741),
        },
    ),
}


@pytest.fixture(scope="module")
def tables(pupils, gappy, data):
    answers = data("bfi")
    complete = answers[answers.iloc[:, :25].notna().all(axis=1)]
    return {"pupils": pupils, "gappy": gappy, "bfi": complete, "all_bfi": answers}


@pytest.mark.parametrize("name", list(MORE))
def test_more_models(name, tables):
    """With several groups the estimates shown are those of the second."""
    model, table, options, indices, estimates = MORE[name]
    found = fit(model, tables[table], **options)
    assert found.converged
    indices_agree(found, indices)
    group = 2 if "group" in options else None
    rows = [
        {"lhs": lhs, "op": op, "rhs": rhs, "est": est, "se": se, **({"group": group} if group else {})}
        for (lhs, op, rhs), (est, se) in estimates.items()
    ]
    parameters_agree(found, rows)


INDICES_OF_MODIFICATION = {
    "complete": (
        FACTORS,
        "pupils",
        {},
        {
            ("visual", "=~", "x9"): (36.411, 0.577, 0.515),
            ("x7", "~~", "x8"): (34.145, 0.536, 0.859),
            ("visual", "=~", "x7"): (18.631, -0.422, -0.349),
            ("x8", "~~", "x9"): (14.946, -0.423, -0.805),
        },
    ),
    "missing": (
        FACTORS,
        "gappy",
        {"missing": "fiml"},
        {
            ("visual", "=~", "x9"): (37.637, 0.574, 0.554),
            ("x7", "~~", "x8"): (34.551, 0.601, 0.977),
            ("visual", "=~", "x7"): (14.893, -0.380, -0.334),
        },
    ),
    "regressions": (
        WITH_INPUTS,
        "pupils",
        {},
        {
            ("textual", "~", "grade"): (27.436, 0.673, 0.341),
            ("visual", "~", "speed"): (21.859, 0.603, 0.454),
            ("visual", "~", "grade"): (17.278, 0.516, 0.286),
            ("speed", "~", "visual"): (11.458, 0.235, 0.311),
        },
    ),
}


@pytest.mark.parametrize("name", list(INDICES_OF_MODIFICATION))
def test_modification_indices(name, tables):
    model, table, options, expected = INDICES_OF_MODIFICATION[name]
    found = fit(model, tables[table], **options).modification_indices().set_index(["lhs", "op", "rhs"])
    if name != "regressions":
        assert list(found.index[: len(expected)]) == list(expected)
    for key, row in expected.items():
        assert tuple(found.loc[key, ["mi", "epc", "epc_std"]]) == pytest.approx(row, abs=1e-3)


def test_scaled_difference_test(pupils):
    options = {"group": "school", "estimator": "mlr"}
    general = fit(FACTORS, pupils, **options)
    restricted = fit(FACTORS, pupils, equal=("loadings",), **options)
    test = difference(restricted, general)
    assert (test.chi2, test.df, test.pvalue) == pytest.approx((6.567201737, 6, 0.36273), abs=1e-3)
    with pytest.raises(ValueError, match="-6 degrees of freedom"):
        difference(general, restricted)
    with pytest.raises(ValueError, match="two models by 'ml'"):
        difference(fit(FACTORS, pupils), general)
    with pytest.raises(ValueError, match="same variables and rows"):
        difference(restricted, fit(FACTORS, pupils[1:], **options))


GAPS = {  # with fixed inputs, with random ones, and by groups
    "fixed": (
        {},
        {"chisq": 161.716, "df": 40, "baseline.chisq": 902.220, "logl": -3393.091, "bic": 6968.702},
    ),
    "random": (
        {"fixed_x": False},
        {"chisq": 161.716, "df": 40, "baseline.chisq": 902.220, "logl": -4005.470, "bic": 8221.980},
    ),
    "groups": (
        {"group": "school", "equal": ("regressions",), "estimator": "mlr"},
        {
            "chisq": 225.576,
            "df": 85,
            "chisq.scaled": 229.101,
            "baseline.chisq": 969.460,
            "baseline.chisq.scaled": 955.817,
            "logl": -3348.254,
            "bic": 7033.032,
        },
    ),
}


@pytest.mark.parametrize("name", list(GAPS))
def test_inputs_of_incomplete_outcomes(name, gappy):
    """Inputs correlate freely in the baseline, whether they are fixed or not; three decimals are lavaan's."""
    options, expected = GAPS[name]
    model = WITH_INPUTS.replace("+ grade", "+ b*grade").replace("~ textual", "~ a*textual") + "; ab := a*b"
    found = fit(model, gappy[gappy.grade.notna()], missing="fiml", **options)
    indices_agree(found, expected)
    if name == "fixed":
        p = found.parameters.set_index("lhs").loc["ab"]
        assert (p.estimate, p.std_error) == pytest.approx((0.079, 0.030), abs=1e-3)


def test_path_model_of_incomplete_rows(gappy):
    found = fit("x1 ~ x2 + x3; x4 ~ x1 + x2; x5 ~ x1; x6 ~ x4 + x5", gappy[gappy.grade.notna()])
    expected = {"chisq": 87.523, "df": 7, "cfi": 0.663, "baseline.chisq": 252.981, "bic": 1532.314}
    indices_agree(found, expected)
