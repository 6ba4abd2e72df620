"""Parameter sets, each with its command, hardware, time and measured result."""

from components.shared.settings.parameter import Value
from pipeline.data.quickstart_classes import UNSEEN

Preset = dict[str, Value]

# 40 of Tiny-ImageNet's 200 classes: random.Random(2013).sample(sorted(classes), 40), sorted.
# fmt: off
TINY_IMAGENET_UNSEEN: list[str] = [
    "n01910747", "n01917289", "n01983481", "n02002724", "n02099712", "n02123045", "n02124075",
    "n02132136", "n02321529", "n02481823", "n02730930", "n02802426", "n02814533", "n02841315",
    "n02892201", "n02917067", "n02950826", "n02977058", "n03250847", "n03255030", "n03388043",
    "n03400231", "n03447447", "n03617480", "n03662601", "n03763968", "n03891332", "n03970156",
    "n04074963", "n04099969", "n04118538", "n04133789", "n04149813", "n04254777", "n04265275",
    "n04487081", "n04507155", "n04597913", "n07614500", "n07920052",
]
# fmt: on

# The best options known, found on validation images: docs/decisions.md.
BEST = (
    "devise_best: labels_target=mean_of_terms labels_retrofitting=1.0 labels_centred=true "
    "devise_loss=cross_entropy devise_temperature=0.1 devise_soft_label_share=0.5 "
    "devise_soft_label_beta=0.3 devise_phase_2_learning_rate=0.003 "
    "devise_phase_2_trunk_learning_rate=0.0003"
)
# The best with the rank loss, which sees the hierarchy nowhere.
RANK_BEST = (
    "devise_rank_best: labels_target=mean_of_terms labels_centred=true devise_margin=0.2 "
    "devise_margin_scaling=relatedness devise_violators=all devise_phase_1_learning_rate=0.02"
)

QUICKSTART: Preset = {
    # make run
    # 2 cores, no GPU: 92 s. Zero-shot hit@1 70 % of 6 classes (chance 17 %); on the seen classes
    # hp@5 63 % (random vectors 58 %), hit@1 74 % (softmax 83 %).
    "run_name": "quickstart",
    "taxonomy_uri": "data/quickstart/taxonomy",
    "corpus_uris": ["data/quickstart/text/*.txt", "data/quickstart/text/*.bz2"],
    "skipgram_dim": 64,
    "skipgram_epochs": 3,
    "skipgram_subsampling": 0.001,
    "skipgram_block_tokens": 200_000,
    "images_uri": "data/quickstart/images",
    "images_unseen": list(UNSEEN),
    "images_shard_megabytes": 4,
    "visual_architecture": "shufflenet_v2_x0_5",
    "visual_input_size": 48,
    "visual_resize": 56,
    "visual_crop_scale": 0.5,
    "visual_epochs": 15,
    "visual_patience": 0,
    "visual_batch_size": 32,
    "visual_learning_rate": 0.05,
    "precision": "fp32",
    "devise_batch_size": 32,
    "devise_phase_1_epochs": 20,
    "devise_phase_2_epochs": 3,
}

TINY_IMAGENET: Preset = {
    # python pipeline.py run --preset tiny_imagenet --output runs/tiny_imagenet
    #   --set taxonomy_uri=... --set images_uri=... --set 'corpus_uris=["...", "..."]'
    # 2 cores, no GPU: 39 minutes. Means of --seeds 0,1,2, seen classes: hit@1 37.8 %, best variant
    # 39.1 % (softmax 40.8 %); hp@10 .304, best variant .358 (softmax .309, random vectors .268).
    # Zero-shot hit@1 14.1 %, best variant 16.6 % of 40 classes (chance 2.5 %). docs/results.md
    "run_name": "tiny_imagenet",
    "skipgram_dim": 300,
    "skipgram_epochs": 2,
    "skipgram_workers": 2,
    "skipgram_phrase_passes": 1,
    "skipgram_phrase_threshold": 50.0,
    "images_unseen": TINY_IMAGENET_UNSEEN,
    "visual_architecture": "small_resnet18",
    "visual_input_size": 64,
    "visual_resize": 64,
    "visual_crop_scale": 0.35,
    "visual_epochs": 20,
    "visual_patience": 0,
    "visual_learning_rate": 0.2,
    "devise_phase_1_views": 2,
    "devise_phase_2_epochs": 2,
    "devise_variants": [
        BEST,
        RANK_BEST,
        "devise_l2: devise_loss=l2",
        "devise_fixed_order: devise_violators=fixed_order devise_phase_2_epochs=0",
    ],
}

PAPER: Preset = {
    # python pipeline.py submit --preset paper --set taxonomy_uri=s3://... --set images_uri=s3://...
    #   --set images_ground_truth_uri=s3://... --set 'corpus_uris=["s3://..."]'
    # ILSVRC 2012's two tars and the per-synset tars of fall11 below images_uri, the parts of a
    # Wikipedia dump, a cluster with a GPU: not yet measured. The 1000-dimensional rows of table 1:
    # --set skipgram_dim=1000. Published hop lists: --set evaluate_zero_shot_sets=2-hop=s3://...
    "run_name": "paper",
    "checkpoints_uri": "s3://devise/checkpoints",
    "images_store_uri": "s3://devise/images",
    "skipgram_phrase_passes": 2,
    "skipgram_phrase_threshold": 50.0,
    "skipgram_vocabulary_size": 75_000,
    "skipgram_workers": 16,
    "images_zero_shot_splits": ["fall11"],
    "images_leave_out_duplicates": True,
    "devise_variants": [
        "devise_l2: devise_loss=l2",
        "devise_fixed_order: devise_violators=fixed_order",
        BEST,
        RANK_BEST,
    ],
    "evaluate_zero_shot_sets": ["2-hop", "3-hop", "all"],
}

MODERN: Preset = {
    # As `paper`, and --set visual_pretrained_classes_uri=s3://... (the 1,000 wnids, sorted, a line
    # each). A stronger network, taken as it was trained: not yet measured.
    **PAPER,
    "run_name": "modern",
    "visual_architecture": "resnet50",
    "visual_pretrained": "IMAGENET1K_V2",
    "visual_epochs": 0,
}

PRESETS: dict[str, Preset] = {
    "quickstart": QUICKSTART,
    "tiny_imagenet": TINY_IMAGENET,
    "paper": PAPER,
    "modern": MODERN,
}
